use std::sync::Mutex;

use super::*;
use crate::{
    ports::{Former, SessionWatch},
    testing::{FakeSessions, SessionsExt, samples},
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const KEY: SessionKey = SessionKey::from_bytes([1; 32]);
const OTHER: SessionKey = SessionKey::from_bytes([2; 32]);

/// Records what is announced.
#[derive(Default)]
struct Recorder(Mutex<Vec<SessionKey>>);

impl SessionChanges for Recorder {
    fn announce(&self, key: &SessionKey) {
        self.0.lock().unwrap().push(*key);
    }

    fn watch(&self, _: SessionKey) -> Box<dyn SessionWatch> {
        Box::new(Unchanged)
    }
}

struct Unchanged;

#[async_trait]
impl SessionWatch for Unchanged {
    async fn changed(&mut self) {
        std::future::pending().await
    }
}

struct World {
    announced: AnnouncedSessions,
    recorder: Arc<Recorder>,
    session: Session,
}

impl World {
    /// A person with two sessions.
    async fn new() -> Self {
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let session = samples::session("contoso", "zofia", NOW);
        for key in [KEY, OTHER] {
            sessions.create(key, &session, vec![]).await.unwrap();
        }
        let recorder = Arc::new(Recorder::default());
        let announced = AnnouncedSessions { sessions, changes: recorder.clone() };
        Self { announced, recorder, session }
    }

    async fn version(&self) -> Version {
        self.announced.version(&KEY, NOW).await.unwrap().unwrap()
    }

    fn announced(&self) -> Vec<SessionKey> {
        std::mem::take(&mut *self.recorder.0.lock().unwrap())
    }
}

#[tokio::test]
async fn replace_and_disconnect_announce_unless_they_conflict() {
    let world = World::new().await;
    let session = &world.session;
    let stale = world.version().await;
    let written = world.announced.replace(&KEY, stale, session, vec![]).await.unwrap();
    assert_eq!((written, world.announced()), (Written::Done, vec![KEY]));
    let conflict = world.announced.replace(&KEY, stale, session, vec![]).await.unwrap();
    assert_eq!((conflict, world.announced()), (Written::Conflict, vec![]));
    let version = world.version().await;
    let written = world.announced.disconnect(&KEY, version, session, &[]).await.unwrap();
    assert_eq!((written, world.announced()), (Written::Done, vec![KEY]));
}

#[tokio::test]
async fn remove_and_end_announce_sessions_that_were_there() {
    let world = World::new().await;
    for announced in [vec![KEY], vec![]] {
        world.announced.remove(&KEY).await.unwrap();
        assert_eq!(world.announced(), announced);
    }
    for announced in [vec![OTHER], vec![]] {
        world.announced.end(&OTHER, Ending::Crowded, NOW).await.unwrap();
        assert_eq!(world.announced(), announced);
    }
}

#[tokio::test]
async fn sign_out_everywhere_and_end_all_announce_every_session() {
    let world = World::new().await;
    let signed_out = world.announced.sign_out_everywhere(&world.session.person, NOW).await;
    assert_eq!(signed_out.unwrap(), 2);
    let mut announced = world.announced();
    announced.sort();
    assert_eq!(announced, [KEY, OTHER]);
    let world = World::new().await;
    let ended = world.announced.end_all(&[KEY, OTHER], Ending::Crowded, NOW).await.unwrap();
    assert_eq!((ended, world.announced()), (Written::Done, vec![KEY, OTHER]));
}

#[tokio::test]
async fn land_announces_the_sessions_that_it_ends() {
    let world = World::new().await;
    let former = Former { key: KEY, version: world.version().await, moves: true, without: vec![] };
    let landing = |former| Landing {
        key: SessionKey::from_bytes([3; 32]),
        session: &world.session,
        tokens: vec![],
        former: Some(former),
        crowded: vec![OTHER],
        browser: None,
        sign_outs_at_begin: SignOutCount::default(),
        people: vec![],
        now: NOW,
    };
    let landed = world.announced.land(landing(former.clone())).await.unwrap();
    assert_eq!((landed, world.announced()), (Landed::Done, vec![KEY, OTHER]));
    let landed = world.announced.land(landing(former)).await.unwrap();
    assert_eq!((landed, world.announced()), (Landed::Conflict, vec![]));
}
