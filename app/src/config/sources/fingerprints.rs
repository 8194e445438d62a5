//! Fingerprints of the settings, to detect changes on a reload.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{super::section::Setting, Sources};

/// A hash of the text of each setting that is set, by variable. It holds no secrets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fingerprints(BTreeMap<String, u64>);

impl Fingerprints {
    /// The variables of the settings that differ in `newer`.
    pub(in crate::config) fn changed<'a>(
        &'a self,
        newer: &'a Self,
    ) -> impl Iterator<Item = &'a str> {
        let names: BTreeSet<_> = self.0.keys().chain(newer.0.keys()).collect();
        let differs = move |name: &&String| self.0.get(*name) != newer.0.get(*name);
        names.into_iter().filter(differs).map(String::as_str)
    }
}

impl Sources {
    /// The fingerprints of these settings.
    pub(in crate::config) fn fingerprints(&mut self, settings: &[&Setting]) -> Fingerprints {
        let faults = self.faults.len();
        let mut hashes = BTreeMap::new();
        for setting in settings {
            if let Some(found) = self.find(setting) {
                let mut hasher = DefaultHasher::new();
                found.text.hash(&mut hasher);
                hashes.insert(setting.variable().to_owned(), hasher.finish());
            }
        }
        // The reader of each setting has reported its faults already.
        self.faults.truncate(faults);
        Fingerprints(hashes)
    }
}
