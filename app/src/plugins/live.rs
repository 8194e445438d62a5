//! Follows the folder of plug-ins while Portico runs.
//!
//! A file that came is offered, one that was replaced takes the place of the version before, one
//! that went is offered no more. What cannot be loaded leaves the version before serving, and says
//! why: in the log once, in `/readyz` and `portico provider list` as long as it lasts.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use portico_domain::{
    identity::ProviderId,
    provider::{Away, Providers, Registration},
    text::clean,
};
use portico_http::ProviderFaults;
use tokio::task::JoinSet;

use super::{
    Context, Granted, Loader, Lock,
    folder::{Fingerprint, file_of, files},
    taking::{Loaded, Refusal, Taking},
    variables,
};
use crate::config::ProviderSources;

/// How often the folder is looked at. Its files are few; notifications of the file system would
/// not come from network drives and container platforms.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is shown of a file's name, in characters: no file system has longer ones.
const LONGEST_NAME: usize = 255;

/// The plug-ins of a folder, and the providers that they make.
pub(crate) struct Live {
    taking: Arc<Taking>,
    /// What is linked into the program. A plug-in of the same id goes before it.
    built_in: Vec<Arc<Registration>>,
    providers: Providers,
    faults: ProviderFaults,
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
}

impl Status {
    /// What is wrong, in one sentence.
    pub(crate) fn fault(&self) -> Option<String> {
        match &self.state {
            State::Offered => None,
            State::Outdated(why) => {
                Some(format!("{}: {why} The version before goes on serving.", self.id))
            }
            State::NotOffered(why) => Some(format!("{}: {why}", self.id)),
        }
    }
}

impl Live {
    pub(crate) fn new(
        folder: &Path,
        sources: ProviderSources,
        loader: Loader,
        context: Context,
        built_in: Vec<Arc<Registration>>,
    ) -> Self {
        let taking = Taking { folder: folder.to_owned(), sources, loader, context };
        Self {
            taking: Arc::new(taking),
            built_in,
            providers: Providers::default(),
            faults: ProviderFaults::default(),
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

    /// Follows the folder for ever.
    pub(crate) async fn follow(mut self) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look().await;
        }
    }

    /// Reads the folder where it has changed, and offers what it finds. `None`: nothing changed.
    pub(crate) async fn look(&mut self) -> Option<Vec<Status>> {
        let now = Fingerprint::of(&self.taking.folder, &[self.taking.sources.file()]);
        if self.seen.as_ref() == Some(&now) {
            return None;
        }
        self.unsettled = false;
        let statuses = self.read().await;
        self.offer(&statuses);
        let faults: Vec<String> = statuses.iter().filter_map(Status::fault).collect();
        let known = self.faults.list();
        for fault in faults.iter().filter(|fault| !known.contains(fault)) {
            tracing::warn!(fault, "a plug-in cannot be offered");
        }
        self.faults.set(faults);
        self.seen = Some(now).filter(|_| !self.unsettled);
        Some(statuses)
    }

    async fn read(&mut self) -> Vec<Status> {
        let read = Lock::read(&self.taking.folder).map_err(|error| error.to_string());
        let read = read.and_then(|lock| Ok((lock, self.files()?)));
        self.unread = read.is_err();
        let (lock, files) = match read {
            Ok(read) => read,
            Err(why) => return self.all_outdated(&why),
        };
        let ids: Vec<&ProviderId> = files.iter().filter_map(|file| file.as_ref().ok()).collect();
        self.loaded.retain(|id, _| ids.contains(&id) && lock.find(id).is_some());
        let mut statuses = Vec::new();
        let mut taken = self.take_all(&files, &lock).await;
        refuse_shared(&mut taken);
        for file in &files {
            statuses.push(match file {
                Ok(id) => self.status(id, lock.find(id), taken.remove(id)),
                Err(path) => misnamed(path),
            });
        }
        statuses
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
            state: State::NotOffered(format!("{why}.")),
        };
        let serving = self.loaded.iter().map(|(id, loaded)| Status {
            id: id.to_string(),
            version: Some(loaded.granted.version.clone()),
            state: State::Offered,
        });
        std::iter::once(whole).chain(serving).collect()
    }

    /// Takes every granted file side by side: a start with many waits for the largest alone.
    async fn take_all(&self, files: &[File], lock: &Lock) -> BTreeMap<ProviderId, Taken> {
        let mut taking = JoinSet::new();
        for id in files.iter().filter_map(|file| file.as_ref().ok()) {
            let Some(granted) = lock.find(id) else { continue };
            let (how, id, granted) = (Arc::clone(&self.taking), id.clone(), granted.clone());
            let serving = self.loaded.get(&id).cloned();
            taking.spawn(async move {
                let taken = how.take(&id, &granted, serving).await;
                (id, taken)
            });
        }
        taking.join_all().await.into_iter().collect()
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
        let built_in = self.built_in.iter().filter(|it| !self.loaded.contains_key(it.id()));
        let plugins = self.loaded.values().map(|loaded| &loaded.registration);
        let mut all: Vec<_> = built_in.chain(plugins).cloned().collect();
        // Azure keeps its place at the top when a plug-in takes it over.
        all.sort_by_key(|it| !self.built_in.iter().any(|built_in| built_in.id() == it.id()));
        let away = if self.unread { Away::Everything } else { away(statuses) };
        self.providers.offer(all, away, self.taking.context.clock.now());
    }
}

/// One variable belongs to one plug-in: see [`variables`].
fn refuse_shared(taken: &mut BTreeMap<ProviderId, Taken>) {
    let loaded: Vec<_> = taken.values().filter_map(|it| it.as_ref().ok()).cloned().collect();
    let descriptors = loaded.iter().map(|it| it.registration.cloud.descriptor());
    for (id, why) in variables::shared(descriptors) {
        taken.insert(id, Err(why.into()));
    }
}

/// What was granted and cannot be loaded: its people's sessions wait for it. What was not granted,
/// or has no file any more, is gone, and with it what rests on it.
fn away(statuses: &[Status]) -> Away {
    let not_loaded = statuses.iter().filter(|it| matches!(it.state, State::NotOffered(_)));
    // Only what was granted has a version that is known without loading it.
    let granted = not_loaded.filter(|status| status.version.is_some());
    Away::Only(granted.filter_map(|status| ProviderId::parse(&status.id).ok()).collect())
}

fn misnamed(path: &Path) -> Status {
    // On one line: nothing that could be taken for another plug-in's.
    let name = clean(&path.file_name().unwrap_or_default().to_string_lossy(), LONGEST_NAME);
    let why = "its name is no provider's id: call it by the id of the plug-in, such as \
               github.wasm.";
    Status { id: name, version: None, state: State::NotOffered(why.into()) }
}
