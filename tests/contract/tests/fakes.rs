//! The contract suites for the fakes of the domain, against which use cases are tested.

use std::sync::Arc;

use portico_contract::{Ports, Subject, samples::POLICY};
use portico_domain::testing::{
    FakeDecisions, FakeDisconnectedAccounts, FakeLoginAttempts, FakeSessions, FakeSigningKeys,
};

struct Fakes(Ports);

impl Subject for Fakes {
    fn fresh() -> Self {
        let sessions = Arc::new(FakeSessions::new(POLICY));
        Self(Ports {
            attempts: Arc::new(FakeLoginAttempts::default()),
            sessions: sessions.clone(),
            tokens: sessions,
            decisions: Arc::new(FakeDecisions::default()),
            disconnected: Arc::new(FakeDisconnectedAccounts::default()),
            signing_keys: Arc::new(FakeSigningKeys::default()),
        })
    }

    fn ports(&self) -> Ports {
        self.0.clone()
    }
}

portico_contract::login_attempts!(Fakes);
portico_contract::sessions!(Fakes);
portico_contract::decisions!(Fakes);
portico_contract::disconnected!(Fakes);
portico_contract::signing_keys!(Fakes);
