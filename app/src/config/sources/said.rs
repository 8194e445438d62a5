//! What was said, to be compared with what is said later.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{super::section::Setting, Sources};

/// What was said for each setting, as far as two of these can be compared: no secret can be read off
/// it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said(BTreeMap<String, u64>);

impl Said {
    /// The variables of what is said in another way in `newer`.
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
    /// What is said for these settings.
    pub(in crate::config) fn said(&mut self, settings: &[&Setting]) -> Said {
        let faults = self.faults.len();
        let mut said = BTreeMap::new();
        for setting in settings {
            if let Some(found) = self.find(setting) {
                let mut hasher = DefaultHasher::new();
                found.text.hash(&mut hasher);
                said.insert(setting.variable().to_owned(), hasher.finish());
            }
        }
        // Whoever needed one of them has named what is wrong with it.
        self.faults.truncate(faults);
        Said(said)
    }
}
