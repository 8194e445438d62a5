//! Undecided logins in a list.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::{
    login::{DecisionKey, MAX_UNDECIDED, Undecided},
    ports::{Decisions, StoreError},
    time::Timestamp,
};

/// Undecided logins in a list, the oldest first.
#[derive(Debug, Default)]
pub struct FakeDecisions(Mutex<Vec<(DecisionKey, Undecided)>>);

impl FakeDecisions {
    /// How many there are, expired ones with them.
    pub fn count(&self) -> usize {
        self.list().len()
    }

    fn list(&self) -> MutexGuard<'_, Vec<(DecisionKey, Undecided)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Decisions for FakeDecisions {
    async fn keep(&self, key: DecisionKey, undecided: &Undecided) -> Result<(), StoreError> {
        let mut list = self.list();
        let person = undecided.login.person;
        list.push((key, undecided.clone()));
        let of_them = |(_, it): &(DecisionKey, Undecided)| it.login.person == person;
        let mut over = list.iter().filter(|it| of_them(it)).count().saturating_sub(MAX_UNDECIDED);
        list.retain(|it| {
            let is_excess = over > 0 && of_them(it);
            over -= usize::from(is_excess);
            !is_excess
        });
        Ok(())
    }

    async fn find(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError> {
        let list = self.list();
        let found = list.iter().find(|(known, it)| known == key && now < it.expires_at);
        Ok(found.map(|(_, undecided)| undecided.clone()))
    }

    async fn take(
        &self,
        key: &DecisionKey,
        now: Timestamp,
    ) -> Result<Option<Undecided>, StoreError> {
        let mut list = self.list();
        let index = list.iter().position(|(known, _)| known == key);
        let taken = index.map(|index| list.remove(index).1);
        Ok(taken.filter(|undecided| now < undecided.expires_at))
    }
}
