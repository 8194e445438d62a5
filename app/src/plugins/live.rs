//! Follows the folder of plug-ins, and the files that hold settings, while Portico runs.
//!
//! What is built in is offered at once, and each plug-in when it is loaded. A file that came is offered, one that was replaced takes the place of the version before, one
//! that went is offered no more. What cannot be loaded leaves the version before serving, and says
//! why: in the log once, in `/readyz` and `portico provider list` as long as it lasts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use portico_domain::{
    identity::ProviderId,
    provider::{Away, Providers},
    text::{clean, sentence},
};
use portico_http::{ProviderFaults, ProviderNotes};
use tokio::{sync::Notify, task::JoinSet};

use super::{
    BuiltIn, Context, Granted, Loader, Lock,
    folder::{Fingerprint, file_of, files},
    reconcile::{Loaded, PluginReconciler, Refusal},
    variables,
};
use crate::{checks::Checks, config::ProviderSources};

/// How often the folder is looked at. Its files are few; notifications of the file system would
/// not come from network drives and container platforms.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is shown of a file's name, in characters: no file system has longer ones.
const MAX_NAME_LEN: usize = 255;

/// The plug-ins of a folder, and the providers that they make.
pub(crate) struct Live {
    taking: Arc<PluginReconciler>,
    /// What is linked into the program. A plug-in of the same id goes before it.
    built_in: BuiltIn,
    providers: Providers,
    faults: ProviderFaults,
    notes: ProviderNotes,
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

/// A file by the id in its name, or one whose name is none.
type File = Result<ProviderId, PathBuf>;
/// What came of a file, or why nothing did.
type Taken = Result<Arc<Loaded>, Refusal>;

/// How one plug-in of the folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// Its id, or the file whose name is none.
    pub id: String,
    /// The version that serves, or that was granted.
    pub version: Option<String>,
    /// Whether people can sign in with it or connect it.
    pub state: State,
}

/// Whether a plug-in is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// People can use it.
    Offered,
    /// The version before serves; the sentence says why.
    Outdated(String),
    /// It is not there for anybody; the sentence says why.
    NotOffered(String),
    /// It is granted and being loaded; whether it takes the place of a provider that is built in.
    Loading {
        /// Whether that one is not offered meanwhile.
        replaces_built_in: bool,
    },
    /// People see it and cannot sign in; the sentence says why.
    Failing(String),
}

impl Status {
    /// What is wrong, in one sentence.
    pub(crate) fn fault(&self) -> Option<String> {
        match &self.state {
            State::Offered | State::Loading { .. } => None,
            State::Outdated(why) => {
                Some(format!("{}: {why} The version before goes on serving.", self.id))
            }
            State::NotOffered(why) | State::Failing(why) => Some(format!("{}: {why}", self.id)),
        }
    }
}

impl Live {
    pub(crate) fn new(
        folder: &Path,
        sources: ProviderSources,
        loader: Loader,
        context: Context,
        built_in: BuiltIn,
    ) -> Self {
        let taking = PluginReconciler { folder: folder.to_owned(), sources, loader, context };
        Self {
            taking: Arc::new(taking),
            built_in,
            providers: Providers::default(),
            faults: ProviderFaults::default(),
            notes: ProviderNotes::default(),
            offered: Arc::default(),
            asked: Arc::default(),
            loaded: BTreeMap::new(),
            unread: false,
            seen: None,
            unsettled: false,
        }
    }

    /// The providers that are offered; they change with the folder.
    pub(crate) fn providers(&self) -> Providers {
        self.providers.clone()
    }

    /// What keeps plug-ins from being offered; it changes with the folder.
    pub(crate) fn faults(&self) -> ProviderFaults {
        self.faults.clone()
    }

    /// Which providers are not well.
    pub(crate) fn notes(&self) -> ProviderNotes {
        self.notes.clone()
    }

    /// How each provider is that is built in.
    pub(crate) fn built_in(&self) -> Vec<Status> {
        let built_in = self.built_in.registrations().iter();
        let version = || Some(concat!("built-in ", env!("CARGO_PKG_VERSION")).to_owned());
        built_in
            .map(|it| Status { id: it.id().to_string(), version: version(), state: State::Offered })
            .collect()
    }

    /// What asks whether people can sign in with what is offered.
    pub(crate) fn checks(&self) -> Checks {
        Checks::new(self.providers(), self.notes(), self.offered.clone())
    }

    /// Has everything read again when it is told to.
    pub(crate) fn looking(&self) -> Arc<Notify> {
        self.asked.clone()
    }

    /// Follows the folder for ever.
    pub(crate) async fn follow(mut self) {
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
    pub(crate) fn announce(&mut self) {
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
    pub(crate) async fn look(&mut self) -> Option<Vec<Status>> {
        let files = self.taking.sources.files();
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        let now = Fingerprint::of(&self.taking.folder, &files);
        if self.seen.as_ref() == Some(&now) {
            return None;
        }
        self.unsettled = false;
        if let Some(azure) = self.built_in.refresh() {
            let context = Context { azure, ..self.taking.context.clone() };
            self.taking = Arc::new(self.taking.with(context));
        }
        let statuses = self.read().await;
        let faults: Vec<String> = statuses.iter().filter_map(Status::fault).collect();
        let known = self.faults.list();
        self.faults.set(faults.clone());
        for fault in faults.iter().filter(|fault| !known.contains(fault)) {
            tracing::warn!(fault, "a plug-in cannot be offered");
        }
        self.offer(&statuses);
        self.seen = Some(now).filter(|_| !self.unsettled);
        Some(statuses)
    }

    async fn read(&mut self) -> Vec<Status> {
        let read = self.granted();
        self.unread = read.is_err();
        let (lock, files) = match read {
            Ok(read) => read,
            Err(why) => return self.all_outdated(&why),
        };
        let ids: Vec<&ProviderId> = files.iter().filter_map(|file| file.as_ref().ok()).collect();
        self.loaded.retain(|id, _| ids.contains(&id) && lock.find(id).is_some());
        let mut taken = BTreeMap::new();
        let mut taking = self.take_all(&files, &lock);
        // Whoever signs in with one that is loaded does not wait for the slowest.
        while !taking.is_empty() {
            let statuses = self.statuses(&files, &lock, &taken);
            self.offer(&statuses);
            if let Some(Ok((id, it))) = taking.join_next().await {
                taken.insert(id, it);
            }
        }
        // A panic while one was loaded has been logged, and is the fault of that one alone.
        for id in ids.into_iter().filter(|id| lock.find(id).is_some()) {
            let broken = || Err(Refusal::from("it failed while it was loaded.".to_owned()));
            taken.entry(id.clone()).or_insert_with(broken);
        }
        self.statuses(&files, &lock, &taken)
    }

    /// What was granted, and the files that are there.
    fn granted(&self) -> Result<(Lock, Vec<File>), String> {
        let lock = Lock::read(&self.taking.folder).map_err(|error| error.to_string())?;
        Ok((lock, self.files()?))
    }

    /// How each plug-in is, where these were taken and the others are still to come.
    fn statuses(
        &mut self,
        files: &[File],
        lock: &Lock,
        taken: &BTreeMap<ProviderId, Taken>,
    ) -> Vec<Status> {
        let mut taken = taken.clone();
        let ids = files.iter().filter_map(|file| file.as_ref().ok());
        let coming = ids.filter(|id| lock.find(id).is_some() && !taken.contains_key(*id));
        let coming: Vec<ProviderId> = coming.cloned().collect();
        let mut granted = lock.ids();
        granted.extend(self.loaded.keys().cloned());
        refuse_shared(&mut taken, &granted);
        let mut statuses = Vec::new();
        for file in files {
            statuses.push(match file {
                Err(path) => misnamed(path),
                Ok(id) => match lock.find(id) {
                    // What may turn out to read a variable of one that is to come waits for it.
                    Some(granted)
                        if coming
                            .iter()
                            .any(|other| other == id || variables::may_share(other, id)) =>
                    {
                        self.to_come(id, granted)
                    }
                    granted => self.status(id, granted, taken.remove(id)),
                },
            });
        }
        statuses
    }

    /// How a plug-in is that is being loaded: the version before serves, where there is one.
    fn to_come(&self, id: &ProviderId, granted: &Granted) -> Status {
        let (version, state) = match self.loaded.get(id) {
            Some(loaded) => (&loaded.granted.version, State::Offered),
            None => {
                let replaces_built_in = granted.replaces_built_in;
                (&granted.version, State::Loading { replaces_built_in })
            }
        };
        Status { id: id.to_string(), version: Some(version.clone()), state }
    }

    fn files(&self) -> Result<Vec<File>, String> {
        let folder = &self.taking.folder;
        let unreadable =
            |error: io::Error| format!("the folder {} cannot be read ({error}).", folder.display());
        files(folder).map_err(unreadable)
    }

    /// Without a lock that can be read nothing new is loaded, and what serves goes on.
    fn all_outdated(&self, why: &str) -> Vec<Status> {
        let whole = Status {
            id: self.taking.folder.display().to_string(),
            version: None,
            state: State::NotOffered(sentence(why)),
        };
        let serving = self.loaded.iter().map(|(id, loaded)| Status {
            id: id.to_string(),
            version: Some(loaded.granted.version.clone()),
            state: State::Offered,
        });
        std::iter::once(whole).chain(serving).collect()
    }

    /// Takes every granted file side by side, the small ones first: one compiles at a time.
    fn take_all(&self, files: &[File], lock: &Lock) -> JoinSet<(ProviderId, Taken)> {
        let ids = files.iter().filter_map(|file| file.as_ref().ok());
        let mut granted: Vec<_> = ids.filter_map(|id| Some((id, lock.find(id)?))).collect();
        let length = |id| fs::metadata(file_of(&self.taking.folder, id)).map_or(0, |it| it.len());
        granted.sort_by_key(|(id, _)| length(id));
        let mut taking = JoinSet::new();
        for (id, granted) in granted {
            let (how, id, granted) = (Arc::clone(&self.taking), id.clone(), granted.clone());
            let serving = self.loaded.get(&id).cloned();
            taking.spawn(async move {
                let taken = how.take(&id, &granted, serving).await;
                (id, taken)
            });
        }
        taking
    }

    fn status(
        &mut self,
        id: &ProviderId,
        granted: Option<&Granted>,
        taken: Option<Taken>,
    ) -> Status {
        let taken = taken.unwrap_or_else(|| {
            let file = file_of(&self.taking.folder, id);
            let how = format!("run `portico provider add {}`", file.display());
            Err(format!("it was not granted: {how} to see what it asks for.").into())
        });
        let serving = self.loaded.get(id).map(|loaded| loaded.granted.version.clone());
        let granted = granted.map(|granted| granted.version.clone());
        self.unsettled |= taken.as_ref().is_err_and(|refusal| refusal.passing);
        let (version, state) = match (taken.map_err(|refusal| refusal.why), serving) {
            (Ok(loaded), _) => {
                self.loaded.insert(id.clone(), loaded);
                (granted, State::Offered)
            }
            (Err(why), Some(version)) => (Some(version), State::Outdated(why)),
            (Err(why), None) => (granted, State::NotOffered(why)),
        };
        Status { id: id.to_string(), version, state }
    }

    /// What is built in first, then plug-ins by their ids.
    fn offer(&self, statuses: &[Status]) {
        let built_in = self.built_in.registrations();
        // The operator agreed that a plug-in takes the place of this one, and it is on its way.
        let replaced = |id: &ProviderId| {
            let replaces = |status: &&Status| {
                status.id == id.as_str()
                    && status.state == State::Loading { replaces_built_in: true }
            };
            statuses.iter().find(replaces).is_some() || self.loaded.contains_key(id)
        };
        let own = built_in.iter().filter(|it| !replaced(it.id()));
        let plugins = self.loaded.values().map(|loaded| &loaded.registration);
        let mut all: Vec<_> = own.chain(plugins).cloned().collect();
        // Azure keeps its place at the top when a plug-in takes it over.
        all.sort_by_key(|it| !built_in.iter().any(|built_in| built_in.id() == it.id()));
        let away = if self.unread { Away::Everything } else { away(statuses) };
        let loading =
            statuses.iter().filter(|status| matches!(status.state, State::Loading { .. }));
        let loading = loading.filter_map(|status| ProviderId::parse(&status.id).ok());
        self.providers.offer(all, away, self.taking.context.clock.now());
        self.notes.set_loading(loading.collect());
        self.offered.notify_one();
    }
}

/// One variable belongs to one plug-in: see [`variables`].
fn refuse_shared(taken: &mut BTreeMap<ProviderId, Taken>, granted: &BTreeSet<ProviderId>) {
    let loaded: Vec<_> = taken.values().filter_map(|it| it.as_ref().ok()).cloned().collect();
    let descriptors = loaded.iter().map(|it| it.registration.cloud.descriptor());
    for (id, why) in variables::shared(descriptors, granted) {
        taken.insert(id, Err(why.into()));
    }
}

/// What was granted and cannot be loaded: its people's sessions wait for it. What was not granted,
/// or has no file any more, is gone, and with it what rests on it.
fn away(statuses: &[Status]) -> Away {
    let not_loaded = statuses
        .iter()
        .filter(|it| matches!(it.state, State::NotOffered(_) | State::Loading { .. }));
    // Only what was granted has a version that is known without loading it.
    let granted = not_loaded.filter(|status| status.version.is_some());
    Away::Only(granted.filter_map(|status| ProviderId::parse(&status.id).ok()).collect())
}

fn misnamed(path: &Path) -> Status {
    // On one line: nothing that could be taken for another plug-in's.
    let name = clean(&path.file_name().unwrap_or_default().to_string_lossy(), MAX_NAME_LEN);
    let why = "its name is no provider's id: call it by the id of the plug-in, such as \
               github.wasm.";
    Status { id: name, version: None, state: State::NotOffered(why.into()) }
}
