//! The health of the providers: faults of plug-ins, plug-ins that are being loaded, and providers that
//! people cannot sign in with now.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use portico_domain::identity::ProviderId;

/// The health of the providers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Why plug-ins are not offered, each in a sentence. They contain paths and are for the operator
    /// only.
    pub faults: Vec<String>,
    /// The plug-ins that were granted and are being loaded.
    pub loading: BTreeSet<ProviderId>,
    /// The providers that people cannot sign in with now, each with a stable reason code, which is
    /// public.
    pub failing: BTreeMap<ProviderId, String>,
}

/// Receives changes of the health.
pub trait HealthObserver: Send + Sync {
    /// Called with the new health while the report is locked: MUST return at once, and MUST NOT update
    /// the report.
    fn changed(&self, health: &Health);
}

/// The shared health report. Clones are the same report.
#[derive(Clone)]
pub struct HealthReport(Arc<Report>);

struct Report {
    health: Mutex<Health>,
    observer: Box<dyn HealthObserver>,
}

impl fmt::Debug for HealthReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HealthReport").field(&self.get()).finish()
    }
}

impl HealthReport {
    /// A report whose changes `observer` receives.
    pub fn new(observer: impl HealthObserver + 'static) -> Self {
        Self(Arc::new(Report { health: Mutex::default(), observer: Box::new(observer) }))
    }

    /// The current health.
    pub fn get(&self) -> Health {
        self.0.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the report and calls its observer; changes are serialized.
    pub fn update(&self, change: impl FnOnce(&mut Health)) {
        let mut health = self.0.health.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut health);
        self.0.observer.changed(&health);
    }
}

/// No observer, for commands that print statuses instead.
impl HealthObserver for () {
    fn changed(&self, _: &Health) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<Health>>>);

    impl HealthObserver for Seen {
        fn changed(&self, health: &Health) {
            self.0.lock().unwrap().push(health.clone());
        }
    }

    #[test]
    fn update_calls_observer_with_whole_health() {
        let seen = Seen::default();
        let report = HealthReport::new(seen.clone());
        let github = ProviderId::parse("github").unwrap();
        report.update(|health| health.faults.push("a fault".into()));
        report.clone().update(|health| health.loading = [github.clone()].into());
        let expected = Health {
            faults: vec!["a fault".into()],
            loading: [github].into(),
            failing: BTreeMap::new(),
        };
        assert_eq!(seen.0.lock().unwrap().last(), Some(&expected));
        assert_eq!((report.get(), seen.0.lock().unwrap().len()), (expected, 2));
    }
}
