//! Sign-out everywhere beside every kind of write: whatever the order, nothing brings a session back.

use std::sync::Arc;

use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    Ports, Subject,
    samples::{NOW, account, key, person, session, session_listing, tokens, zofia_session},
};
use portico_domain::{
    account::AccountId,
    ports::{Former, Landed, Landing, Stored, Version, Written},
    session::{Session, SessionKey, SignOutCount},
    testing::{SessionsExt as _, TokensExt as _, landing},
};

/// Concurrent writers of each kind.
const WRITERS: usize = 50;

/// The kinds of writes to a session.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A login that begins a session.
    SignIn,
    /// A login that connects an account, and moves the session to a new key.
    Connect,
    /// A login that replaces the session of its browser.
    Replace,
    /// A use, or a listing that was made in the background.
    Update,
    /// The removal of an account.
    Disconnect,
    /// A refresh of tokens.
    SwapTokens,
}

const KINDS: [Kind; 6] =
    [Kind::SignIn, Kind::Connect, Kind::Replace, Kind::Update, Kind::Disconnect, Kind::SwapTokens];

/// What a writer has read before the sign-out.
struct Writer {
    ports: Ports,
    kind: Kind,
    own: SessionKey,
    /// The key of the session that its login begins.
    new: SessionKey,
    sign_outs: SignOutCount,
    session: Stored<Session>,
    tokens: Version,
}

impl Writer {
    /// Begins a session, and reads all that the write needs.
    async fn prepared(ports: Ports, kind: Kind, id: String) -> Self {
        let own = key(&id);
        let new_tokens = vec![(own_account(), tokens("before"))];
        ports.sessions.create(own, &zofia_session(), new_tokens).await.unwrap();
        let session = ports.sessions.find(&own, NOW).await.unwrap().unwrap();
        let found = ports.tokens.find_tokens(&own, &own_account(), NOW).await.unwrap();
        let sign_outs = ports.sessions.sign_outs(NOW).await.unwrap();
        let (new, tokens) = (key(&format!("{id} new")), found.unwrap().version);
        Self { ports, kind, own, new, sign_outs, session, tokens }
    }

    /// Writes once; whether that succeeded.
    async fn write(&self) -> bool {
        let sessions = &self.ports.sessions;
        let (own, version) = (&self.own, self.session.version);
        let written = match self.kind {
            Kind::SignIn => return self.land(&zofia_session(), None).await,
            Kind::Replace => return self.land(&zofia_session(), Some(false)).await,
            Kind::Connect => {
                let guest = account("fabrikam", "zofia-as-guest", NOW);
                let mut session = zofia_session();
                session.accounts.push(guest);
                return self.land(&session, Some(true)).await;
            }
            Kind::Update => sessions.replace(own, version, &session_listing(40), vec![]).await,
            Kind::Disconnect => {
                sessions.disconnect(own, version, &zofia_session(), &[own_account()]).await
            }
            Kind::SwapTokens => {
                let (account, new) = (own_account(), tokens("after"));
                self.ports.tokens.swap_tokens(own, &account, self.tokens, &new, NOW).await
            }
        };
        written.unwrap() == Written::Done
    }

    /// Writes the session of a login that began before the sign-out.
    async fn land(&self, session: &Session, moves: Option<bool>) -> bool {
        let former = moves.map(|moves| Former {
            key: self.own,
            version: self.session.version,
            moves,
            without: vec![],
        });
        let landing = Landing {
            former,
            sign_outs_at_begin: self.sign_outs,
            people: vec![person("contoso", "zofia")],
            ..landing(self.new, session, vec![(own_account(), tokens("landed"))])
        };
        self.ports.sessions.land(landing).await.unwrap() == Landed::Done
    }
}

fn own_account() -> AccountId {
    zofia_session().accounts.remove(0).id
}

async fn assert_no_session(ports: &Ports, writers: &[Arc<Writer>]) {
    let zofia = person("contoso", "zofia");
    assert_eq!(ports.sessions.sessions_of(&zofia).await.unwrap(), []);
    for writer in writers {
        for key in [&writer.own, &writer.new] {
            let found = ports.sessions.find(key, NOW).await.unwrap();
            assert!(found.is_none(), "{:?}", writer.kind);
            assert_eq!(ports.sessions.version(key, NOW).await.unwrap(), None, "{:?}", writer.kind);
            let found = ports.tokens.tokens_of(key, &own_account()).await.unwrap();
            assert!(found.is_none(), "{:?}", writer.kind);
        }
    }
}

/// Each writer has read what it writes on before the sign-out, and writes beside it and once more after.
pub(crate) async fn sign_out_everywhere_beside_50_writers_of_each_kind_leaves_no_session(
    subject: impl Subject,
) {
    let ports = subject.ports();
    let marek = session("contoso", "marek", NOW);
    ports.sessions.create(key("marek"), &marek, vec![]).await.unwrap();
    let mut writers = Vec::new();
    for kind in KINDS {
        for number in 0..WRITERS {
            let id = format!("{kind:?} {number}");
            writers.push(Arc::new(Writer::prepared(ports.clone(), kind, id).await));
        }
    }
    let start = Arc::new(Barrier::new(writers.len() + 1));
    let mut race = JoinSet::new();
    for writer in &writers {
        let (writer, start) = (writer.clone(), start.clone());
        race.spawn(async move {
            start.wait().await;
            writer.write().await;
        });
    }
    start.wait().await;
    let zofia = person("contoso", "zofia");
    ports.sessions.sign_out_everywhere(&zofia, NOW).await.unwrap();
    race.join_all().await;
    assert_no_session(&ports, &writers).await;

    for writer in &writers {
        assert!(!writer.write().await, "{:?} after the sign-out", writer.kind);
    }
    assert_no_session(&ports, &writers).await;
    assert!(ports.sessions.find(&key("marek"), NOW).await.unwrap().is_some());
}
