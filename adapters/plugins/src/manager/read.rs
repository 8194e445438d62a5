//! Reads what was granted and what is there, loads it, and says how each plug-in is.

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

/// A file by the id in its name, or one whose name is none.
pub(super) type File = Result<ProviderId, PathBuf>;
/// What came of a file, or why nothing did.
pub(super) type Taken = Result<Arc<Loaded>, Refusal>;

impl PluginManager {
    pub(super) async fn read(&mut self) -> Vec<Status> {
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
    pub(super) fn granted(&self) -> Result<(Lock, Vec<File>), String> {
        let lock = Lock::read(&self.reconciler.folder).map_err(|error| error.to_string())?;
        Ok((lock, self.files()?))
    }

    /// How each plug-in is, where these were taken and the others are still to come.
    pub(super) fn statuses(
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
        let folder = &self.reconciler.folder;
        let unreadable =
            |error: io::Error| format!("the folder {} cannot be read ({error}).", folder.display());
        files(folder).map_err(unreadable)
    }

    /// Without a lock that can be read nothing new is loaded, and what serves goes on.
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

    /// Takes every granted file side by side, the small ones first: one compiles at a time.
    fn take_all(&self, files: &[File], lock: &Lock) -> JoinSet<(ProviderId, Taken)> {
        let ids = files.iter().filter_map(|file| file.as_ref().ok());
        let mut granted: Vec<_> = ids.filter_map(|id| Some((id, lock.find(id)?))).collect();
        let length =
            |id| fs::metadata(file_of(&self.reconciler.folder, id)).map_or(0, |it| it.len());
        granted.sort_by_key(|(id, _)| length(id));
        let mut taking = JoinSet::new();
        for (id, granted) in granted {
            let (how, id, granted) = (Arc::clone(&self.reconciler), id.clone(), granted.clone());
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
            let file = file_of(&self.reconciler.folder, id);
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
}

/// One variable belongs to one plug-in: see [`variables`].
fn refuse_shared(taken: &mut BTreeMap<ProviderId, Taken>, granted: &BTreeSet<ProviderId>) {
    let loaded: Vec<_> = taken.values().filter_map(|it| it.as_ref().ok()).cloned().collect();
    let descriptors = loaded.iter().map(|it| it.registration.cloud.descriptor());
    for (id, why) in variables::shared(descriptors, granted) {
        taken.insert(id, Err(why.into()));
    }
}
