//! Follows the folder of plug-ins while Portico runs.
//!
//! A file that came is offered, one that was replaced takes the place of the version before, one
//! that went is offered no more. What cannot be loaded leaves the version before serving, and says
//! why: in the log once, in `/readyz` and `portico provider list` as long as it lasts.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use portico_domain::{
    identity::ProviderId,
    provider::{Providers, Registration},
};
use portico_http::ProviderFaults;
use tokio::task::block_in_place;

use super::{
    Context, Granted, Loader, Lock,
    folder::{Fingerprint, digest, file_of, files},
};
use crate::config::{ProviderConfig, ProviderSources};

/// How often the folder is looked at. Its files are few; notifications of the file system would
/// not come from network drives and container platforms.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The plug-ins of a folder, and the providers that they make.
pub(crate) struct Live {
    folder: PathBuf,
    sources: ProviderSources,
    loader: Loader,
    context: Context,
    /// What is linked into the program. A plug-in of the same id goes before it.
    built_in: Vec<Arc<Registration>>,
    providers: Providers,
    faults: ProviderFaults,
    loaded: BTreeMap<ProviderId, Loaded>,
    /// As the folder looked when everything in it was last read.
    seen: Option<Fingerprint>,
}

/// A plug-in that is offered.
struct Loaded {
    granted: Granted,
    config: ProviderConfig,
    registration: Arc<Registration>,
}

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
        Self {
            folder: folder.to_owned(),
            sources,
            loader,
            context,
            built_in,
            providers: Providers::default(),
            faults: ProviderFaults::default(),
            loaded: BTreeMap::new(),
            seen: None,
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
        let now = Fingerprint::of(&self.folder, &[self.sources.file()]);
        if self.seen.as_ref() == Some(&now) {
            return None;
        }
        let statuses = self.read().await;
        self.offer();
        let faults: Vec<String> = statuses.iter().filter_map(Status::fault).collect();
        let known = self.faults.list();
        for fault in faults.iter().filter(|fault| !known.contains(fault)) {
            tracing::warn!(fault, "a plug-in cannot be offered");
        }
        self.faults.set(faults);
        self.seen = Some(now);
        Some(statuses)
    }

    async fn read(&mut self) -> Vec<Status> {
        let read = Lock::read(&self.folder).map_err(|error| error.to_string());
        let read = read.and_then(|lock| Ok((lock, self.files()?)));
        let (lock, files) = match read {
            Ok(read) => read,
            Err(why) => return self.all_outdated(&why),
        };
        let ids: Vec<&ProviderId> = files.iter().filter_map(|file| file.as_ref().ok()).collect();
        self.loaded.retain(|id, _| ids.contains(&id) && lock.find(id).is_some());
        let mut statuses = Vec::new();
        for file in &files {
            statuses.push(match file {
                Ok(id) => self.read_one(id, lock.find(id)).await,
                Err(path) => misnamed(path),
            });
        }
        statuses
    }

    fn files(&self) -> Result<Vec<Result<ProviderId, PathBuf>>, String> {
        let unreadable = |error: io::Error| {
            format!("the folder {} cannot be read ({error}).", self.folder.display())
        };
        files(&self.folder).map_err(unreadable)
    }

    /// Without a lock that can be read nothing new is loaded, and what serves goes on.
    fn all_outdated(&self, why: &str) -> Vec<Status> {
        let whole = Status {
            id: self.folder.display().to_string(),
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

    async fn read_one(&mut self, id: &ProviderId, granted: Option<&Granted>) -> Status {
        let taken = match granted {
            Some(granted) => self.take(id, granted).await,
            None => Err(format!(
                "it was not granted: run `portico provider add {}` to see what it asks for.",
                file_of(&self.folder, id).display()
            )),
        };
        let serving = self.loaded.get(id).map(|loaded| loaded.granted.version.clone());
        let (version, state) = match (taken, serving) {
            (Ok(()), version) => (version, State::Offered),
            (Err(why), Some(version)) => (Some(version), State::Outdated(why)),
            (Err(why), None) => {
                (granted.map(|granted| granted.version.clone()), State::NotOffered(why))
            }
        };
        Status { id: id.to_string(), version, state }
    }

    /// Takes a file as it is now, unless it is what serves already.
    async fn take(&mut self, id: &ProviderId, granted: &Granted) -> Result<(), String> {
        let path = file_of(&self.folder, id);
        let read = block_in_place(|| {
            fs::read(&path).map(|component| (digest(&component) == granted.digest, component))
        });
        let (is_granted, component) =
            read.map_err(|error| format!("its file {} cannot be read ({error}).", path.display()))?;
        if !is_granted {
            return Err(format!(
                "its file has changed since it was granted: run `portico provider add {}` to see \
                 what it asks for now.",
                path.display()
            ));
        }
        if let Some(loaded) = self.loaded.get(id).filter(|loaded| loaded.granted == *granted)
            && loaded.config == self.config(loaded.registration.cloud.descriptor())?
        {
            return Ok(());
        }
        let plugin = self.load(&component, granted).await?;
        if plugin.descriptor().id != *id {
            return Err(format!(
                "it calls itself {}, and its file does not.",
                plugin.descriptor().id
            ));
        }
        let config = self.config(plugin.descriptor())?;
        let registration = self.context.register(&plugin, granted, config.clone()).await;
        let registration = Arc::new(registration.map_err(|error| format!("{error:#}."))?);
        let version = &granted.version;
        tracing::info!(provider = id.as_str(), version, digest = granted.digest, "plug-in loaded");
        self.loaded.insert(id.clone(), Loaded { granted: granted.clone(), config, registration });
        Ok(())
    }

    async fn load(
        &self,
        component: &[u8],
        granted: &Granted,
    ) -> Result<portico_wasm::Plugin, String> {
        let loaded = self.loader.load(component, granted.limits.unwrap_or_default()).await;
        loaded.map_err(|error| format!("{error:#}."))
    }

    fn config(
        &self,
        descriptor: &portico_domain::provider::Descriptor,
    ) -> Result<ProviderConfig, String> {
        let by_default = self.context.allowed_by_default(&descriptor.id);
        let read = self.sources.read(descriptor, by_default);
        read.map_err(|faults| format!("it is not configured. {}", faults.sentences()))
    }

    /// What is built in first, then plug-ins by their ids.
    fn offer(&self) {
        let built_in = self.built_in.iter().filter(|it| !self.loaded.contains_key(it.id()));
        let plugins = self.loaded.values().map(|loaded| &loaded.registration);
        let mut all: Vec<_> = built_in.chain(plugins).cloned().collect();
        // Azure keeps its place at the top when a plug-in takes it over.
        all.sort_by_key(|it| !self.built_in.iter().any(|built_in| built_in.id() == it.id()));
        self.providers.replace(all, self.context.clock.now());
    }
}

fn misnamed(path: &Path) -> Status {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let why = "its name is no provider's id: call it by the id of the plug-in, such as \
               github.wasm.";
    Status { id: name.into_owned(), version: None, state: State::NotOffered(why.into()) }
}
