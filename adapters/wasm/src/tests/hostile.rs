//! Every hostile plug-in fails where it says, in time, and says which rule it broke.

use std::time::Instant;

use portico_domain::{ports::CloudProvider, provider::CallError};

use super::{ZOFIA, configured, listed, listing_of, loaded_in};
use crate::{
    LoadError, Sandbox,
    testing::{Hostile, When, hostile},
};

/// How far it came, and what was said of it.
async fn outcome(sandbox: &Sandbox, it: &Hostile) -> (Option<When>, String) {
    let plugin = match loaded_in(sandbox, &it.component).await {
        Ok(plugin) => plugin,
        Err(LoadError::Describe(problem)) => return said(When::Load, &problem),
        Err(refused) => return (Some(When::Load), refused.to_string()),
    };
    assert_eq!(plugin.descriptor().id.as_str(), it.name);
    let provider = match configured(&plugin).await {
        Ok(provider) => provider,
        Err(problem) => return said(When::Configure, &problem),
    };
    if let Err(problem) = provider.list(&listing_of(ZOFIA)).await {
        return said(When::Discover, &problem);
    }
    match listed(&provider).await {
        Ok(_) => (None, String::new()),
        Err(problem) => said(When::Next, &problem),
    }
}

fn said(when: When, problem: &CallError) -> (Option<When>, String) {
    assert!(matches!(problem, CallError::Broken(_)), "{problem:?}");
    (Some(when), problem.to_string())
}

#[tokio::test]
async fn each_hostile_plug_in_fails_where_it_breaks_a_rule_and_the_rule_is_named() {
    let sandbox = Sandbox::new().unwrap();
    let all = hostile();
    assert!(all.len() >= 80, "{}", all.len());
    for it in &all {
        let began = Instant::now();
        let (when, said) = outcome(&sandbox, it).await;
        println!("{} ({:?}): {said}", it.name, began.elapsed());
        if it.breaks.is_empty() {
            // The sandbox has no quarrel with it, or any words will do.
            assert!(when.is_none() || when == Some(it.when), "{}: {when:?} {said}", it.name);
        } else {
            assert_eq!(when, Some(it.when), "{}: {said}", it.name);
            assert!(said.contains(it.breaks), "{}: {said:?} lacks {:?}", it.name, it.breaks);
        }
    }
}

#[test]
fn hostile_plug_ins_have_names_of_their_own() {
    let mut names: Vec<_> = hostile().into_iter().map(|it| it.name).collect();
    names.sort_unstable();
    assert!(names.iter().all(|name| name.len() <= 32), "{names:?}");
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
