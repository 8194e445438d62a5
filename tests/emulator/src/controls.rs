//! What a test changes and reads while the emulator runs.

use std::io;

use crate::{Emulator, Fault, JournalEntry, Person, Refusal, Tenant, TokenSettings};

impl Emulator {
    /// Injects a fault.
    ///
    /// # Panics
    /// The fault's kind does not apply to its target: it would never occur, and the test would pass without testing
    /// anything.
    pub fn fault(&self, fault: Fault) {
        if let Some(why) = fault.does_not_apply() {
            panic!("{why}: {fault:?}");
        }
        self.state.add_fault(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.state.clear_faults();
    }

    /// Generates new signing keys (two RSA keys, which takes a moment); the old ones stay in the key set only if
    /// `keep_old`.
    ///
    /// # Errors
    /// No key can be generated.
    pub fn rotate_keys(&self, keep_old: bool) -> io::Result<()> {
        self.state.rotate_keys(keep_old).map_err(io::Error::other)
    }

    /// The most recent 10,000 requests, oldest first.
    pub fn requests(&self) -> Vec<JournalEntry> {
        self.state.requests()
    }

    /// Empties the request log.
    pub fn clear_requests(&self) {
        self.state.clear_requests();
    }

    /// Restores the initial state with new keys: revokes codes, refresh tokens and the other clouds' tokens, removes
    /// faults and empties the request log.
    ///
    /// # Errors
    /// No key can be generated.
    pub fn reset(&self) -> io::Result<()> {
        self.state.reset().map_err(io::Error::other)
    }

    /// Makes a tenant refuse refresh tokens, until [`Self::accept`] or a sign-in mends it. Replaces what it refused;
    /// sign-ins before this call do not mend it.
    pub fn refuse(&self, tenant: &'static Tenant, refusal: impl Into<Refusal>) {
        self.state.directory().refusals.refuse(tenant, refusal.into());
    }

    /// Ends what [`Self::refuse`] began.
    pub fn accept(&self, tenant: &Tenant) {
        self.state.directory().refusals.accept(tenant);
    }

    /// Changes how tokens are issued from now on.
    pub fn set_tokens(&self, settings: TokenSettings) {
        self.state.directory().settings = settings;
    }

    /// Revokes all of a person's refresh tokens at Entra ID (AADSTS50173), as "revoke sessions" there does. A new sign-in
    /// brings valid ones.
    pub fn revoke_sessions(&self, person: &'static Person) {
        self.state.directory().revoke_sessions(person);
    }

    /// The requests of the log that redeem a refresh token, at every cloud.
    pub fn refreshes(&self) -> Vec<JournalEntry> {
        self.requests().into_iter().filter(JournalEntry::is_refresh).collect()
    }
}
