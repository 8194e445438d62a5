//! Follows the folder of plug-ins, and the files that hold settings, while Portico runs.
//!
//! Built-in providers are offered at once, and each plug-in when it is loaded. A new file is offered, a
//! changed one replaces its previous version, a removed one is no longer offered. If a file cannot be
//! loaded, its previous version stays offered; the fault is logged once, and shown in the health report
//! and by `portico provider list` while it lasts.
//!
//! `read.rs` loads what changed and returns statuses, `offer.rs` replaces the offered registrations.

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
    stamp::{Fingerprint, was_written_within},
    status::{State, Status},
};

/// The polling interval of the folder. Network drives and container platforms send no file system
/// notifications, and the files are few.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// How long a file with settings is left alone after it was written: half of a secret looks like one.
const SETTLING_TIME: Duration = Duration::from_millis(200);
/// How often in a row a look is put off because a file is being written.
const MAX_DEFERRED_LOOKS: u32 = 4;

/// The providers that are linked into the program.
pub trait BuiltIn: Send {
    /// Their registrations.
    fn registrations(&self) -> &[Arc<Registration>];

    /// Reads their settings again. On an error the previous registrations MUST stay.
    fn refresh(&mut self);
}

/// The arguments of [`PluginManager::new`].
pub struct PluginManagerOptions {
    /// The folder of plug-ins.
    pub folder: PathBuf,
    /// The source of their settings.
    pub sources: Box<dyn SettingsSource>,
    /// Loads them.
    pub loader: Loader,
    /// Registers them.
    pub registrar: Registrar,
    /// The built-in providers. A plug-in of the same id replaces one.
    pub built_in: Box<dyn BuiltIn>,
    /// The health report.
    pub health: HealthReport,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// The plug-ins of a folder, and the providers that they make.
pub struct PluginManager {
    reconciler: Arc<PluginReconciler>,
    built_in: Box<dyn BuiltIn>,
    providers: Providers,
    health: HealthReport,
    clock: Arc<dyn Clock>,
    /// Notified when the offered registrations change.
    offered: Arc<Notify>,
    /// Notified to read everything again, even if no file has changed.
    reread: Arc<Notify>,
    loaded: BTreeMap<ProviderId, Arc<Loaded>>,
    /// Whether the folder or its lock could not be read, so that the grants are unknown.
    unread: bool,
    /// The folder's fingerprint when it was last read.
    seen: Option<Fingerprint>,
    /// How many looks in a row were put off, since a file was being written.
    deferred: u32,
    /// Whether a plug-in was refused for a transient reason and is tried again without a change.
    has_transient_refusal: bool,
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
            reread: Arc::default(),
            loaded: BTreeMap::new(),
            unread: false,
            seen: None,
            deferred: 0,
            has_transient_refusal: false,
        }
    }

    /// The offered providers; they change with the folder.
    pub fn providers(&self) -> Providers {
        self.providers.clone()
    }

    /// The health report; it changes with the folder.
    pub fn health(&self) -> HealthReport {
        self.health.clone()
    }

    /// The statuses of the built-in providers.
    pub fn built_in(&self) -> Vec<Status> {
        let built_in = self.built_in.registrations().iter();
        let version = || Some(concat!("built-in ", env!("CARGO_PKG_VERSION")).to_owned());
        built_in
            .map(|it| Status { id: it.id().to_string(), version: version(), state: State::Offered })
            .collect()
    }

    /// Notified when the offered registrations change.
    pub fn offered(&self) -> Arc<Notify> {
        self.offered.clone()
    }

    /// Notifying it makes the manager read all files again.
    pub fn reload_trigger(&self) -> Arc<Notify> {
        self.reread.clone()
    }

    /// Follows the folder for ever.
    pub async fn follow(mut self) {
        let mut ticks = tokio::time::interval(POLL_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let reread = self.reload_trigger();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = reread.notified() => self.seen = None,
            }
            self.look().await;
        }
    }

    /// Offers the built-in providers without loading a plug-in, and announces those that will be loaded:
    /// sessions of their people wait for them.
    pub fn announce(&mut self) {
        let read = self.lock_and_files();
        self.unread = read.is_err();
        let statuses = match read {
            Ok((lock, files)) => self.statuses(&files, &lock, &BTreeMap::new()),
            Err(_) => Vec::new(),
        };
        self.offer(&statuses);
    }

    /// Reads the folder if it or a file with settings has changed, and offers its plug-ins. `None`: nothing
    /// changed.
    pub async fn look(&mut self) -> Option<Vec<Status>> {
        let files = self.reconciler.sources.files();
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        let now = Fingerprint::of(&self.reconciler.folder, &files);
        if self.seen.as_ref() == Some(&now) {
            return None;
        }
        let is_being_written = files.iter().any(|path| was_written_within(path, SETTLING_TIME));
        if self.seen.is_some() && is_being_written && self.deferred < MAX_DEFERRED_LOOKS {
            self.deferred += 1;
            return None;
        }
        self.deferred = 0;
        self.has_transient_refusal = false;
        self.built_in.refresh();
        let statuses = self.read().await;
        let faults: Vec<String> = statuses.iter().filter_map(Status::fault).collect();
        let known = self.health.get().faults;
        self.health.update(|health| health.faults.clone_from(&faults));
        for fault in faults.iter().filter(|fault| !known.contains(fault)) {
            tracing::warn!(fault, "a plug-in cannot be offered");
        }
        self.offer(&statuses);
        self.seen = Some(now).filter(|_| !self.has_transient_refusal);
        Some(statuses)
    }
}
