//! Every hostile plug-in fails at the expected point, with an error that names the broken rule.

use std::time::Instant;

use portico_domain::{ports::CloudProvider, provider::CallError};

use super::{ZOFIA, configure, first_step, load_in, person};
use crate::{
    error::LoadError,
    sandbox::Sandbox,
    testing::{Hostile, When, hostile},
};

/// When the plug-in failed, and the error.
async fn failure(sandbox: &Sandbox, it: &Hostile) -> (Option<When>, String) {
    let plugin = match load_in(sandbox, &it.component).await {
        Ok(plugin) => plugin,
        Err(LoadError::Describe(error)) => return broken(When::Load, &error),
        Err(error) => return (Some(When::Load), error.to_string()),
    };
    assert_eq!(plugin.descriptor().id.as_str(), it.name);
    let provider = match configure(&plugin).await {
        Ok(provider) => provider,
        Err(error) => return broken(When::Configure, &error),
    };
    if let Err(error) = provider.list(&person(ZOFIA)).await {
        return broken(When::Discover, &error);
    }
    match first_step(&provider).await {
        Ok(_) => (None, String::new()),
        Err(error) => broken(When::Next, &error),
    }
}

fn broken(when: When, error: &CallError) -> (Option<When>, String) {
    assert!(matches!(error, CallError::Broken(_)), "{error:?}");
    (Some(when), error.to_string())
}

#[tokio::test]
async fn each_hostile_plugin_fails_at_its_point_and_the_error_names_the_rule() {
    let sandbox = Sandbox::new().unwrap();
    let all = hostile();
    assert!(all.len() >= 80, "{}", all.len());
    for it in &all {
        let started_at = Instant::now();
        let (when, error) = failure(&sandbox, it).await;
        println!("{} ({:?}): {error}", it.name, started_at.elapsed());
        if it.breaks.is_empty() {
            // It breaks no rule of the sandbox, or any error is right.
            assert!(when.is_none() || when == Some(it.when), "{}: {when:?} {error}", it.name);
        } else {
            assert_eq!(when, Some(it.when), "{}: {error}", it.name);
            assert!(error.contains(it.breaks), "{}: {error:?} lacks {:?}", it.name, it.breaks);
        }
    }
}

#[test]
fn names_of_hostile_plugins_are_unique_and_short() {
    let mut names: Vec<_> = hostile().into_iter().map(|it| it.name).collect();
    names.sort_unstable();
    assert!(names.iter().all(|name| name.len() <= 32), "{names:?}");
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
