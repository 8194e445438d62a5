//! Reads the lock and the folder, loads what changed, and returns the status of each plug-in.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
    sync::Arc,
};

use portico_domain::{identity::ProviderId, text::sentence};
use tokio::task::JoinSet;

use super::PluginManager;
use crate::{
    folder::{file_of, files},
    lock::{Granted, Lock},
    reconcile::{Loaded, Refusal},
    status::{State, Status, misnamed},
    variables,
};

/// The id in a file's name, or the path of a file whose name is no id.
pub(super) type File = Result<ProviderId, PathBuf>;
/// The loaded plug-in, or why it is refused.
pub(super) type Reconciled = Result<Arc<Loaded>, Refusal>;

impl PluginManager {
    pub(super) async fn read(&mut self) -> Vec<Status> {
        let read = self.lock_and_files();
        self.unread = read.is_err();
        let (lock, files) = match read {
            Ok(read) => read,
            Err(why) => return self.all_outdated(&why),
        };
        let ids: Vec<&ProviderId> = files.iter().filter_map(|file| file.as_ref().ok()).collect();
        self.loaded.retain(|id, _| ids.contains(&id) && lock.find(id).is_some());
        let mut reconciled = BTreeMap::new();
        let mut tasks = self.spawn_all(&files, &lock);
        // Each plug-in is offered as soon as it is loaded, before slower ones.
        while !tasks.is_empty() {
            let statuses = self.statuses(&files, &lock, &reconciled);
            self.offer(&statuses);
            if let Some(Ok((id, it))) = tasks.join_next().await {
                reconciled.insert(id, it);
            }
        }
        // A task that panicked has no result. The panic is logged and affects its plug-in only.
        for id in ids.into_iter().filter(|id| lock.find(id).is_some()) {
            let broken = || Err(Refusal::from("it failed while it was loaded.".to_owned()));
            reconciled.entry(id.clone()).or_insert_with(broken);
        }
        self.statuses(&files, &lock, &reconciled)
    }

    /// The lock and the files of the folder.
    pub(super) fn lock_and_files(&self) -> Result<(Lock, Vec<File>), String> {
        let lock = Lock::read(&self.reconciler.folder).map_err(|error| error.to_string())?;
        Ok((lock, self.files()?))
    }

    /// The status of each plug-in, when those in `reconciled` are done and the others are loading.
    pub(super) fn statuses(
        &mut self,
        files: &[File],
        lock: &Lock,
        reconciled: &BTreeMap<ProviderId, Reconciled>,
    ) -> Vec<Status> {
        let mut reconciled = reconciled.clone();
        let ids = files.iter().filter_map(|file| file.as_ref().ok());
        let loading = ids.filter(|id| lock.find(id).is_some() && !reconciled.contains_key(*id));
        let loading: Vec<ProviderId> = loading.cloned().collect();
        let mut granted = lock.ids();
        granted.extend(self.loaded.keys().cloned());
        refuse_conflicts(&mut reconciled, &granted);
        let mut statuses = Vec::new();
        for file in files {
            statuses.push(match file {
                Err(path) => misnamed(path),
                Ok(id) => match lock.find(id) {
                    // One that may share a variable with a loading one waits for it.
                    Some(granted)
                        if loading
                            .iter()
                            .any(|other| other == id || variables::may_share(other, id)) =>
                    {
                        self.loading_status(id, granted)
                    }
                    granted => self.status(id, granted, reconciled.remove(id)),
                },
            });
        }
        statuses
    }

    /// The status of a plug-in that is being loaded: its previous version is offered, if any.
    fn loading_status(&self, id: &ProviderId, granted: &Granted) -> Status {
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
        let folder = &self.reconciler.folder;
        let unreadable =
            |error: io::Error| format!("the folder {} cannot be read ({error}).", folder.display());
        files(folder).map_err(unreadable)
    }

    /// The statuses if the lock or the folder cannot be read: nothing new is loaded, loaded plug-ins stay
    /// offered.
    fn all_outdated(&self, why: &str) -> Vec<Status> {
        let whole = Status {
            id: self.reconciler.folder.display().to_string(),
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

    /// Reconciles all granted files concurrently, small ones first, since one compiles at a time.
    fn spawn_all(&self, files: &[File], lock: &Lock) -> JoinSet<(ProviderId, Reconciled)> {
        let ids = files.iter().filter_map(|file| file.as_ref().ok());
        let mut granted: Vec<_> = ids.filter_map(|id| Some((id, lock.find(id)?))).collect();
        let length =
            |id| fs::metadata(file_of(&self.reconciler.folder, id)).map_or(0, |it| it.len());
        granted.sort_by_key(|(id, _)| length(id));
        let mut tasks = JoinSet::new();
        for (id, granted) in granted {
            let (reconciler, id, granted) =
                (Arc::clone(&self.reconciler), id.clone(), granted.clone());
            let serving = self.loaded.get(&id).cloned();
            tasks.spawn(async move {
                let reconciled = reconciler.reconcile(&id, &granted, serving).await;
                (id, reconciled)
            });
        }
        tasks
    }

    fn status(
        &mut self,
        id: &ProviderId,
        granted: Option<&Granted>,
        reconciled: Option<Reconciled>,
    ) -> Status {
        let reconciled = reconciled.unwrap_or_else(|| {
            let file = file_of(&self.reconciler.folder, id);
            let how = format!("run `portico provider add {}`", file.display());
            Err(format!("it was not granted: {how} to see what it asks for.").into())
        });
        let serving = self.loaded.get(id).map(|loaded| loaded.granted.version.clone());
        let granted = granted.map(|granted| granted.version.clone());
        self.has_transient_refusal |=
            reconciled.as_ref().is_err_and(|refusal| refusal.is_transient);
        let (version, state) = match (reconciled.map_err(|refusal| refusal.why), serving) {
            (Ok(loaded), _) => {
                self.loaded.insert(id.clone(), loaded);
                (granted, State::Offered)
            }
            (Err(why), Some(version)) => (Some(version), State::Outdated(why)),
            (Err(why), None) => (granted, State::NotOffered(why)),
        };
        Status { id: id.to_string(), version, state }
    }
}

/// Refuses plug-ins that share a variable: see [`variables`].
fn refuse_conflicts(
    reconciled: &mut BTreeMap<ProviderId, Reconciled>,
    granted: &BTreeSet<ProviderId>,
) {
    let loaded: Vec<_> = reconciled.values().filter_map(|it| it.as_ref().ok()).cloned().collect();
    let descriptors = loaded.iter().map(|it| it.registration.cloud.descriptor());
    for (id, why) in variables::conflicts(descriptors, granted) {
        reconciled.insert(id, Err(why.into()));
    }
}
