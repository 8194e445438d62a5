//! Pins format 1: a change here loses every session there is.

use portico_domain::{
    account::{Mender, Repair, Subscription, Tenant, TenantState},
    decision::{Arrival, Undecided},
    identity::TenantId,
    login::{FinishedLogin, LoginOrigin, PendingLogin, ResponseIssuer},
    secret::{AccessToken, RefreshToken},
    session,
    session::{SessionKey, SignOutCount, TokenSet},
    testing::samples,
    time::Timestamp,
};

use super::{Attempt, Finished, Session, Tokens};
use crate::records;

fn laid_out(record: &impl serde::Serialize) -> Vec<u8> {
    let mut room = vec![0; records::size(record).unwrap()];
    records::lay_out(record, &mut room).unwrap();
    room
}

/// Bytes as one reads them: what is not visible ASCII as `<hh>`.
fn readable(bytes: &[u8]) -> String {
    let show = |byte: &u8| match byte {
        b'<' | b'>' => format!("<{byte:02x}>"),
        b if b.is_ascii_graphic() || *b == b' ' => char::from(*b).to_string(),
        b => format!("<{b:02x}>"),
    };
    bytes.iter().map(show).collect()
}

fn session() -> session::Session {
    let mut session = samples::session("contoso", "zofia", Timestamp::from_unix_seconds(1_000));
    session.accounts[0].subscriptions.push(Subscription {
        id: "two".into(),
        display_name: "Two".into(),
        state: None,
        tenant: Some("fabrikam".into()),
        extra: vec![("region".into(), "eu".into())],
    });
    session.accounts[0].tenants.push(Tenant {
        id: "fabrikam".into(),
        display_name: "Fabrikam".into(),
        state: TenantState::WantsMfa,
        reason: Some("Use MFA.".into()),
        mender: Some(Mender::Person),
        repair: Some(Repair::Claims("{}".into())),
        extra: vec![("country".into(), "PL".into())],
    });
    session.accounts[0].warnings.push("careful".into());
    session.accounts[0].refreshed_at = Timestamp::from_unix_seconds(70_000);
    session
}

fn tokens() -> TokenSet {
    TokenSet {
        access: AccessToken::new("1.AAEC.AB"),
        refresh: Some(RefreshToken::new("not base64url")),
        ..samples::tokens("")
    }
}

fn attempt() -> PendingLogin {
    PendingLogin {
        tenant: Some(TenantId::parse("fabrikam").unwrap()),
        issuer: ResponseIssuer { issuer: "https://i".into(), required: true },
        origin: LoginOrigin {
            session: Some(SessionKey::from_bytes([b'S'; 32])),
            own_page: true,
            sign_outs: SignOutCount(5),
        },
        returns_errors: true,
        ..samples::pending_login("nonce")
    }
}

#[test]
fn a_session_is_laid_out_as_ever() {
    let session = session();
    let bytes = laid_out(&Session::of(&session));
    let (person, rest) = bytes.split_at(32);
    assert_eq!(person, session.person.as_bytes());
    assert_eq!(readable(rest), SESSION);
    assert_eq!(Session::read(&bytes).unwrap(), session);
}

#[test]
fn tokens_are_laid_out_as_ever() {
    let bytes = laid_out(&Tokens::of(&tokens()));
    assert_eq!(readable(&bytes), TOKENS);
    assert_eq!(Tokens::read(&bytes).unwrap(), tokens());
}

#[test]
fn an_attempt_is_laid_out_as_ever() {
    let bytes = laid_out(&Attempt::of(&attempt()));
    assert_eq!(readable(&bytes), ATTEMPT);
    assert_eq!(Attempt::read(&bytes).unwrap(), attempt());
}

#[test]
fn a_record_that_is_cut_off_is_an_error_at_every_length() {
    let (session, tokens, attempt) = (session(), tokens(), attempt());
    let bytes = laid_out(&Session::of(&session));
    assert!((0..bytes.len()).all(|length| Session::read(&bytes[..length]).is_err()));
    let bytes = laid_out(&Tokens::of(&tokens));
    assert!((0..bytes.len()).all(|length| Tokens::read(&bytes[..length]).is_err()));
    let bytes = laid_out(&Attempt::of(&attempt));
    let older = [ERRORS_BEHIND, BEGUN_BEHIND].map(|behind| bytes.len() - behind);
    let cut_off = (0..bytes.len()).filter(|length| !older.contains(length));
    assert!(cut_off.into_iter().all(|length| Attempt::read(&bytes[..length]).is_err()));
}

#[test]
fn an_attempt_that_an_older_portico_began_is_read_as_begun_nowhere() {
    let bytes = laid_out(&Attempt::of(&attempt()));
    let read = Attempt::read(&bytes[..bytes.len() - BEGUN_BEHIND]).unwrap();
    let older = PendingLogin { returns_errors: false, ..attempt() };
    assert_eq!(read, PendingLogin { origin: LoginOrigin::default(), ..older.clone() });
    assert_eq!(Attempt::read(&bytes[..bytes.len() - ERRORS_BEHIND]).unwrap(), older);
}

#[test]
fn a_finished_login_is_laid_out_as_ever() {
    let finished = FinishedLogin {
        return_to: attempt().return_to,
        undecided: true,
        expires_at: Timestamp::from_unix_seconds(1_900),
    };
    let bytes = laid_out(&Finished::of(&finished));
    assert_eq!(readable(&bytes), "<1f>http://localhost:3000/dashboard<01><ec><0e>");
    assert_eq!(Finished::read(&bytes).unwrap(), finished);
}

#[test]
fn an_ending_is_laid_out_as_ever() {
    use session::Ending;
    let moved = Ending::Moved(SessionKey::from_bytes([b'M'; 32]));
    let all = [
        (moved, format!("<00>{}", "M".repeat(32))),
        (Ending::Crowded, "<01>".into()),
        (Ending::SignedOutEverywhere, "<02>".into()),
        (Ending::NotAllowed, "<03>".into()),
        (Ending::Replaced, "<04>".into()),
    ];
    for (ending, text) in all {
        let bytes = laid_out(&super::Ending::of(ending));
        assert_eq!(readable(&bytes), text);
        let read: super::Ending = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read.read(), ending);
    }
}

#[test]
fn an_undecided_login_is_laid_out_whole_and_an_error_where_it_is_cut_off() {
    let now = Timestamp::from_unix_seconds(1_000);
    let arrival = Arrival {
        person: samples::person("contoso", "zofia"),
        user: samples::claims("contoso", "zofia"),
        only_connects: true,
        account: session().accounts.remove(0),
        tokens: tokens(),
        origin: attempt().origin,
        return_to: attempt().return_to,
    };
    let undecided = Undecided::beside(arrival, SessionKey::from_bytes([b'S'; 32]), now);
    let bytes = laid_out(&super::Undecided::of(&undecided));
    assert_eq!(super::Undecided::read(&bytes).unwrap(), undecided);
    assert!((0..bytes.len()).all(|length| super::Undecided::read(&bytes[..length]).is_err()));
}

const SESSION: &str = concat!(
    r#"<05>azure<8c><01>{"iss":"https://login.example/contoso/v2.0","name":"Zofia Nowak","#,
    r#""oid":"zofia","preferred_username":"zofia@contoso.example","tid":"contoso"}"#,
    "<01><16>WOyftB82CLe-n3xX6oWU3w<05>azure<05>zofia<07>contoso<0b>Zofia Nowak",
    "<01><15>zofia@contoso.example",
    "<02><03>one<10>Subscription one<01><07>Enabled<00><00><03>two<03>Two<00><01><08>fabrikam",
    "<01><06>region<02>eu",
    "<01><08>fabrikam<08>Fabrikam<02><01><08>Use MFA.<01><00><01><01><02>{}<01><07>country<02>PL",
    "<01><07>careful<e8><07><f0><a2><04><e8><07><e8><07>",
);

const TOKENS: &str = concat!(
    "<03><00><01>1<01><03><00><01><02><00><02>AB<80><b4><c4><c3>!",
    "<01><01><00><0d>not base64url<01>%https://management.azure.com/.default",
);

const ATTEMPT: &str = concat!(
    "<05>azure<08>linked-1<01><08>fabrikam<1f>http://localhost:5000/getAToken",
    "<1f>http://localhost:3000/dashboard<05>nonce<08>verifier",
    "<09>https://i<01><e8><07><ec><0e>",
    "<01>SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS<01><05><01>",
);

/// How much less of it an attempt has that an older Portico began.
const BEGUN_BEHIND: usize = 36;
const ERRORS_BEHIND: usize = 1;
