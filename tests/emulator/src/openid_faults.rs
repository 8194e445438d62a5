//! Content faults of discovery documents and key sets, for every provider.

use serde_json::Value;

use crate::faults::{FaultKind, Occasion, Target};
use crate::state::EmulatorState;

/// Adds RFC 9207's announcement if `iss` is sent, and applies the faults of a discovery document.
pub(crate) fn corrupt_metadata(state: &EmulatorState, target: Target, document: &mut Value) {
    if state.sent_issuer(target).is_some() {
        document["authorization_response_iss_parameter_supported"] = true.into();
    }
    for fault in state
        .content_faults(Occasion::at(target), |kind| !kind.is_transport() && !kind.is_persistent())
    {
        match fault {
            FaultKind::OtherIssuer => document["issuer"] = "https://sts.other.example/v2.0".into(),
            FaultKind::SetMember { name, value } => document[name] = value,
            FaultKind::SignedBy { algorithm } => {
                document["id_token_signing_alg_values_supported"] =
                    serde_json::json!([algorithm.name()]);
            }
            _ => {}
        }
    }
}

/// Applies the faults of a key set.
pub(crate) fn corrupt_keys(state: &EmulatorState, target: Target, keys: &mut Vec<Value>) {
    for fault in state.content_faults(Occasion::at(target), |kind| !kind.is_transport()) {
        match fault {
            FaultKind::OneKey => {
                keys.truncate(1);
                keys[0].as_object_mut().map(|key| (key.remove("kid"), key.remove("x5t")));
            }
            FaultKind::SignedBy { algorithm } => keys.push(algorithm.jwk()),
            FaultKind::SetMember { name, value } => {
                keys.iter_mut().for_each(|key| key[&name] = value.clone());
            }
            _ => keys
                .iter_mut()
                .for_each(|key| key["issuer"] = "https://sts.other.example/v2.0".into()),
        }
    }
}
