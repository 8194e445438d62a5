//! Listings over many tenants.

use std::collections::{BTreeMap, BTreeSet};

use portico_emulator::Person;
use portico_emulator::personas::{MINH_ANH, SIGRID, SIGRIDS_TENANTS};
use serde_json::{Value, json};

use crate::support::{RelyingParty, refresh_request};

const SUBSCRIPTIONS: &str = "subscriptions?api-version=2022-12-01";
const TENANTS: &str = "tenants?api-version=2022-12-01";

/// The items of all pages, and the number of pages.
async fn items(rp: &RelyingParty, path: &str, token: &Value) -> (Vec<Value>, usize) {
    let (mut items, mut pages, mut next) = (Vec::new(), 0, Some(path.to_owned()));
    while let Some(url) = next {
        let response = rp.arm_get(&url, token.as_str().unwrap()).await;
        let page: Value = response.json().await.unwrap();
        items.extend(page["value"].as_array().unwrap().clone());
        (pages, next) = (pages + 1, page["nextLink"].as_str().map(str::to_owned));
    }
    (items, pages)
}

async fn sign_in(rp: &RelyingParty, person: &Person) -> Value {
    rp.sign_in("organizations", person).await
}

#[tokio::test]
async fn guest_of_nineteen_tenants_reaches_thousand_subscriptions() {
    let rp = RelyingParty::new().await;
    let home = sign_in(&rp, &SIGRID).await;
    let (tenants, pages) = items(&rp, TENANTS, &home["access_token"]).await;
    assert_eq!((tenants.len(), pages), (20, 2));
    let mut seen = BTreeMap::<String, BTreeSet<String>>::new();
    for tenant in &tenants {
        let id = tenant["tenantId"].as_str().unwrap();
        let (status, tokens) = rp.token(id, &refresh_request(&home)).await;
        assert_eq!(status, 200, "{tokens}");
        let (subscriptions, _) = items(&rp, SUBSCRIPTIONS, &tokens["access_token"]).await;
        for subscription in subscriptions {
            let key = subscription["subscriptionId"].as_str().unwrap().to_owned();
            seen.entry(key).or_default().insert(id.to_owned());
        }
    }
    let twice = seen.values().filter(|from| from.len() == 2).count();
    assert_eq!((seen.len(), twice), (1_000, 10));
}

#[tokio::test]
async fn managed_subscription_names_its_owner_and_manager_from_both_tenants() {
    let rp = RelyingParty::new().await;
    let home = sign_in(&rp, &SIGRID).await;
    let [manager, owner] = [0, 1].map(|at| &SIGRIDS_TENANTS[at]);
    let id = owner.subscriptions[0].id;
    let at_home = items(&rp, SUBSCRIPTIONS, &home["access_token"]).await;
    let (_, tokens) = rp.token(owner.id, &refresh_request(&home)).await;
    let at_owner = items(&rp, SUBSCRIPTIONS, &tokens["access_token"]).await;
    assert_eq!((at_home.0.len(), at_home.1, at_owner.0.len()), (60, 3, 50));
    for items in [at_home.0, at_owner.0] {
        let found = items.iter().find(|item| item["subscriptionId"] == id).unwrap();
        assert_eq!(found["tenantId"], owner.id);
        assert_eq!(found["managedByTenants"], json!([{ "tenantId": manager.id }]));
        let own = items.iter().find(|item| item["managedByTenants"] == json!([])).unwrap();
        assert!(own["tenantId"] == manager.id || own["tenantId"] == owner.id);
    }
}

#[tokio::test]
async fn tenant_names_are_absent_without_rights_in_tenant() {
    let rp = RelyingParty::new().await;
    let home = sign_in(&rp, &SIGRID).await;
    let (tenants, _) = items(&rp, TENANTS, &home["access_token"]).await;
    assert_eq!(
        (&tenants[0]["displayName"], &tenants[0]["tenantCategory"]),
        (&json!("Adatum"), &json!("Home"))
    );
    assert_eq!(tenants[0]["defaultDomain"], "adatum.example");
    assert_eq!(tenants[1]["tenantCategory"], "ProjectedBy");
    let names = ["displayName", "defaultDomain", "domains", "countryCode", "tenantCategory"];
    let lacks = |tenant: &&Value| names.iter().all(|name| tenant.get(name).is_none());
    assert_eq!(tenants.iter().filter(lacks).count(), 2);
    assert!(tenants.iter().all(|tenant| tenant["tenantId"].is_string()));
    let minh_anh = sign_in(&rp, &MINH_ANH).await;
    let (tenants, _) = items(&rp, TENANTS, &minh_anh["access_token"]).await;
    assert_eq!(tenants.iter().filter(lacks).count(), 0);
}
