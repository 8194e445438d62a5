//! Follows the folder of plug-ins, and the files that hold settings, while Portico runs.
//!
//! What is built in is offered at once, and each plug-in when it is loaded. A file that came is
//! offered, one that was replaced takes the place of the version before, one that went is offered no
//! more. What cannot be loaded leaves the version before serving, and says why: in the log once, in the
//! report of health and `portico provider list` as long as it lasts.
//!
//! `read.rs` loads what changed and says how each plug-in is, `offer.rs` swaps what is offered.

mod offer;
mod read;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use portico_domain::{
    identity::ProviderId,
    ports::Clock,
    provider::{Providers, Registration},
};
use tokio::sync::Notify;

use crate::{
    health::HealthReport,
    loader::Loader,
    reconcile::{Loaded, PluginReconciler},
    registration::Registrar,
    settings::SettingsSource,
    stamp::Fingerprint,
    status::{State, Status},
};

/// How often the folder is looked at. Its files are few; notifications of the file system would
/// not come from network drives and container platforms.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is linked into the program.
pub trait BuiltIn: Send {
    /// The providers.
    fn registrations(&self) -> &[Arc<Registration>];

    /// Reads their settings again. What cannot be read MUST leave the registrations before.
    fn refresh(&mut self);
}

/// What the manager needs of the program.
pub struct PluginManagerOptions {
    /// The folder of plug-ins.
    pub folder: PathBuf,
    /// Where their settings come from.
    pub sources: Box<dyn SettingsSource>,
    /// What loads them.
    pub loader: Loader,
    /// What registers them.
    pub registrar: Registrar,
    /// What is linked into the program. A plug-in of the same id goes before it.
    pub built_in: Box<dyn BuiltIn>,
    /// Who is told how they are.
    pub health: HealthReport,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The plug-ins of a folder, and the providers that they make.
pub struct PluginManager {
    reconciler: Arc<PluginReconciler>,
    built_in: Box<dyn BuiltIn>,
    providers: Providers,
    health: HealthReport,
    clock: Arc<dyn Clock>,
    /// Told when other registrations are offered.
    offered: Arc<Notify>,
    /// Told when everything is to be read again, whatever the files look like.
    asked: Arc<Notify>,
    loaded: BTreeMap<ProviderId, Arc<Loaded>>,
    /// Whether the folder or its lock could not be read: then nobody knows what was granted.
    unread: bool,
    /// As the folder looked when everything in it was last read.
    seen: Option<Fingerprint>,
    /// Whether the next look may find more without anything that changed.
    unsettled: bool,
}

impl PluginManager {
    /// A manager of this folder, which offers nothing yet.
    pub fn new(options: PluginManagerOptions) -> Self {
        let PluginManagerOptions { folder, sources, loader, registrar, built_in, health, clock } =
            options;
        Self {
            reconciler: Arc::new(PluginReconciler { folder, sources, loader, registrar }),
            built_in,
            providers: Providers::default(),
            health,
            clock,
            offered: Arc::default(),
            asked: Arc::default(),
            loaded: BTreeMap::new(),
            unread: false,
            seen: None,
            unsettled: false,
        }
    }

    /// The providers that are offered; they change with the folder.
    pub fn providers(&self) -> Providers {
        self.providers.clone()
    }

    /// How the providers are; it changes with the folder.
    pub fn health(&self) -> HealthReport {
        self.health.clone()
    }

    /// How each provider is that is built in.
    pub fn built_in(&self) -> Vec<Status> {
        let built_in = self.built_in.registrations().iter();
        let version = || Some(concat!("built-in ", env!("CARGO_PKG_VERSION")).to_owned());
        built_in
            .map(|it| Status { id: it.id().to_string(), version: version(), state: State::Offered })
            .collect()
    }

    /// Is told when other registrations are offered.
    pub fn offered(&self) -> Arc<Notify> {
        self.offered.clone()
    }

    /// Has everything read again when it is told to.
    pub fn looking(&self) -> Arc<Notify> {
        self.asked.clone()
    }

    /// Follows the folder for ever.
    pub async fn follow(mut self) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let asked = self.looking();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = asked.notified() => self.seen = None,
            }
            self.look().await;
        }
    }

    /// Offers what is there without loading anything, and says which plug-ins are still to come: their
    /// people's sessions wait for them.
    pub fn announce(&mut self) {
        let read = self.granted();
        self.unread = read.is_err();
        let statuses = match read {
            Ok((lock, files)) => self.statuses(&files, &lock, &BTreeMap::new()),
            Err(_) => Vec::new(),
        };
        self.offer(&statuses);
    }

    /// Reads the folder where it or a file with settings has changed, and offers what it finds. `None`:
    /// nothing changed.
    pub async fn look(&mut self) -> Option<Vec<Status>> {
        let files = self.reconciler.sources.files();
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        let now = Fingerprint::of(&self.reconciler.folder, &files);
        if self.seen.as_ref() == Some(&now) {
            return None;
        }
        self.unsettled = false;
        self.built_in.refresh();
        let statuses = self.read().await;
        let faults: Vec<String> = statuses.iter().filter_map(Status::fault).collect();
        let known = self.health.get().faults;
        self.health.update(|health| health.faults.clone_from(&faults));
        for fault in faults.iter().filter(|fault| !known.contains(fault)) {
            tracing::warn!(fault, "a plug-in cannot be offered");
        }
        self.offer(&statuses);
        self.seen = Some(now).filter(|_| !self.unsettled);
        Some(statuses)
    }
}
