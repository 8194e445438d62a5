//! How the providers are, for whoever shows it: faults of plug-ins, plug-ins that are being loaded, and
//! providers that people cannot sign in with now.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use portico_domain::identity::ProviderId;

/// How the providers are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What keeps plug-ins from being offered, each in a sentence. They name folders and files, which
    /// are the operator's to know.
    pub faults: Vec<String>,
    /// The plug-ins that were granted and are being loaded.
    pub loading: BTreeSet<ProviderId>,
    /// The providers that people cannot sign in with now, each with a reason in one stable word that
    /// anybody may read.
    pub failing: BTreeMap<ProviderId, String>,
}

/// Is told how the providers are.
pub trait HealthObserver: Send + Sync {
    /// They are so from now on. MUST return at once and not report by itself: whoever reports waits.
    fn changed(&self, health: &Health);
}

/// Where the parts of a program report how the providers are. Clones are the same report.
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
    /// A report of which `observer` is told.
    pub fn new(observer: impl HealthObserver + 'static) -> Self {
        Self(Arc::new(Report { health: Mutex::default(), observer: Box::new(observer) }))
    }

    /// How the providers are now.
    pub fn get(&self) -> Health {
        self.0.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the report and tells its observer, one change after the other.
    pub fn update(&self, change: impl FnOnce(&mut Health)) {
        let mut health = self.0.health.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut health);
        self.0.observer.changed(&health);
    }
}

/// For commands that show statuses instead.
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
    fn update_tells_the_observer_the_whole_health() {
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
