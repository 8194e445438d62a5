//! Golden bytes of format 2: a change of them loses every stored session. A new field extends them, and
//! `decode_ignores_unknown_fields_and_defaults_missing_ones` covers older records.

use portico_domain::{
    account::{self, Mender, Renewal, Repair, Subscription, Tenant, TenantState},
    challenge::Challenge,
    decision::{ListedLogin, Undecided},
    identity::{PersonKey, TenantId, VerifiedEmail},
    login::{FinishedLogin, LoginOrigin, PendingLogin, ResponseIssuer},
    secret::{AccessToken, IdToken, RefreshToken},
    session::{self, Ending, SessionKey, SignOutCount, TokenSet},
    sign_in::SignInKey,
    testing::samples,
    time::Timestamp,
};

use minicbor::{CborLen, Decode, Encode};
use rstest::rstest;

use super::{Attempt, Finished, Head, Listing, Session, Tokens};
use crate::records;

fn encoded(record: &impl records::Encodable) -> Vec<u8> {
    records::to_bytes(record).unwrap()
}

/// Printable form of bytes: visible ASCII and spaces as they are, all others as `<hh>`.
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
    session.accounts[0].email = Some(VerifiedEmail::from_authenticated("z@c.example".into()));
    session.client = Some(session::Client {
        browser: Some(session::BrowserName::Firefox),
        system: Some(session::SystemName::Linux),
        address: [192, 0, 2, 1].into(),
    });
    session
}

/// A token that was issued at 7,000 for an hour and refused.
fn refused_token() -> account::AccountToken {
    let [issued_at, expires_at] = [7_000, 10_600].map(Timestamp::from_unix_seconds);
    let challenge = Challenge { suberror: Some("basic_action".into()), claims: Some("{}".into()) };
    account::AccountToken::issued(issued_at, expires_at, true).refused(Some(challenge.into()))
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
            refresh: false,
        },
        returns_errors: true,
        ..samples::pending_login("nonce")
    }
}

fn encoded_session(session: &session::Session) -> Vec<u8> {
    let tokens = [(session.accounts[0].id.clone(), [b'T'; 16])];
    encoded(&Session::of(session, &[Some([b'L'; 16])], &tokens))
}

#[test]
fn session_head_has_golden_bytes_and_no_listing() {
    let mut session = session();
    let bytes = encoded_session(&session);
    assert_eq!(readable(&bytes).replace(&readable(session.person.as_bytes()), "PERSON"), SESSION);
    let Head { session: read, listings, tokens } = Session::read(&bytes).unwrap();
    assert_eq!(listings, [Some([b'L'; 16])]);
    assert_eq!(tokens, [(session.accounts[0].id.clone(), [b'T'; 16])]);
    session.accounts[0].listing = account::SharedListing::default();
    assert_eq!(read, session);
}

/// As a session of an earlier version has none.
#[test]
fn head_with_account_token_extends_the_golden_bytes_of_one_without() {
    let mut session = session();
    session.accounts[0].token = Some(refused_token());
    let bytes = encoded_session(&session);
    let expected = SESSION.replace("<f6><f6>X PERSON", &format!("{TOKEN}<f6>X PERSON"));
    assert_eq!(readable(&bytes).replace(&readable(session.person.as_bytes()), "PERSON"), expected);
    assert_eq!(Session::read(&bytes).unwrap().session.accounts[0].token, Some(refused_token()));
}

#[test]
fn head_keeps_the_session_at_the_provider() {
    let mut session = session();
    let there = SignInKey::from_bytes([b'A'; 16]);
    session.accounts[0].provider_session = Some(there);
    let bytes = encoded_session(&session);
    let shown = format!("P{}", "A".repeat(16));
    assert!(readable(&bytes).contains(&shown), "the new field is the last of the account");
    assert_eq!(Session::read(&bytes).unwrap().session.accounts[0].provider_session, Some(there));
}

#[rstest]
#[case::possible(Renewal::Possible)]
#[case::failing(Renewal::Failing)]
#[case::unavailable(Renewal::Unavailable)]
#[case::refused(Renewal::Refused)]
fn head_keeps_the_renewal_of_a_token(#[case] renewal: Renewal) {
    let mut session = session();
    let mut token = refused_token();
    token.status.renewal = renewal;
    token.challenge = None;
    session.accounts[0].token = Some(token.clone());
    let read = Session::read(&encoded_session(&session)).unwrap().session;
    assert_eq!(read.accounts[0].token, Some(token));
}

/// The bytes that [`readable`] shows.
fn bytes(readable: &str) -> Vec<u8> {
    let mut parts = readable.split('<');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = part.split_once('>').unwrap();
        bytes.push(u8::from_str_radix(byte, 16).unwrap());
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

#[test]
fn session_head_of_an_earlier_version_reads_without_the_later_fields() {
    let expected = session();
    let person = std::str::from_utf8(&[b'P'; 32]).unwrap();
    let Head { session, .. } =
        Session::read(&bytes(&EARLIER_SESSION.replace("PERSON", person))).unwrap();
    let account = &session.accounts[0];
    assert_eq!(account.person, Some(PersonKey::from_bytes([b'P'; 32])), "that of the session");
    assert_eq!((&account.email, session.client), (&None, None));
    assert_eq!(account.token, None);
    assert_eq!((&account.identity, session.user), (&expected.accounts[0].identity, expected.user));
}

#[test]
fn listing_has_golden_bytes() {
    let listing = session().accounts.remove(0).listing;
    let bytes = encoded(&Listing::of(&listing));
    assert_eq!(readable(&bytes), LISTING);
    assert_eq!(Listing::read(&bytes).unwrap(), *listing);
}

/// [`Finished`] with a field that a later version has added.
#[derive(CborLen, Decode, Encode)]
struct LaterFinished<'a> {
    #[b(0)]
    return_to: &'a str,
    #[n(1)]
    undecided: bool,
    #[n(2)]
    expires_at: u64,
    #[b(4)]
    added: Option<&'a str>,
}

#[test]
fn decode_ignores_unknown_fields_and_defaults_missing_ones() {
    let finished = finished();
    let later = LaterFinished {
        return_to: finished.return_to.url().as_str(),
        undecided: finished.undecided,
        expires_at: finished.expires_at.unix_seconds(),
        added: Some("of a later version"),
    };
    assert_eq!(Finished::read(&encoded(&later)).unwrap(), finished);
    let bytes = encoded(&Finished::of(&finished));
    let read: LaterFinished<'_> = records::decode(&bytes).unwrap();
    assert_eq!((read.added, read.expires_at), (None, later.expires_at));
}

#[test]
fn tokens_have_golden_bytes() {
    let bytes = encoded(&Tokens::of(&tokens()));
    assert_eq!(readable(&bytes), TOKENS);
    assert_eq!(Tokens::read(&bytes).unwrap(), tokens());
}

#[test]
fn tokens_keep_the_id_token() {
    let with_hint = TokenSet { id_token: Some(IdToken::new("ey.AAEC.AB")), ..tokens() };
    let bytes = encoded(&Tokens::of(&with_hint));
    assert_eq!(Tokens::read(&bytes).unwrap(), with_hint);
    assert!((0..bytes.len()).all(|length| Tokens::read(&bytes[..length]).is_err()));
}

#[test]
fn attempt_has_golden_bytes() {
    let bytes = encoded(&Attempt::of(&attempt()));
    assert_eq!(readable(&bytes), ATTEMPT);
    assert_eq!(Attempt::read(&bytes).unwrap(), attempt());
}

#[test]
fn attempt_keeps_that_its_login_refreshes_the_listing() {
    let mut refreshing = attempt();
    refreshing.origin.refresh = true;
    let bytes = encoded(&Attempt::of(&refreshing));
    assert_eq!(Attempt::read(&bytes).unwrap(), refreshing);
}

#[test]
fn truncated_record_does_not_decode_at_any_length() {
    let session = session();
    let bytes = encoded_session(&session);
    assert!((0..bytes.len()).all(|length| Session::read(&bytes[..length]).is_err()));
    let bytes = encoded(&Listing::of(&session.accounts[0].listing));
    assert!((0..bytes.len()).all(|length| Listing::read(&bytes[..length]).is_err()));
    let bytes = encoded(&Tokens::of(&tokens()));
    assert!((0..bytes.len()).all(|length| Tokens::read(&bytes[..length]).is_err()));
    let bytes = encoded(&Attempt::of(&attempt()));
    assert!((0..bytes.len()).all(|length| Attempt::read(&bytes[..length]).is_err()));
}

fn finished() -> FinishedLogin {
    FinishedLogin {
        return_to: attempt().return_to,
        undecided: true,
        expires_at: Timestamp::from_unix_seconds(1_900),
    }
}

#[test]
fn finished_login_has_golden_bytes() {
    let finished = finished();
    let bytes = encoded(&Finished::of(&finished));
    assert_eq!(readable(&bytes), "<83>x<1f>http://localhost:3000/dashboard<f5><19><07>l");
    assert_eq!(Finished::read(&bytes).unwrap(), finished);
}

#[rstest]
#[case::moved(
    Ending::Moved(SessionKey::from_bytes([b'M'; 32])),
    "<82><00><81>X MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM"
)]
#[case::crowded(Ending::Crowded, "<82><01><80>")]
#[case::signed_out_everywhere(Ending::SignedOutEverywhere, "<82><02><80>")]
#[case::not_allowed(Ending::NotAllowed, "<82><03><80>")]
#[case::replaced(Ending::Replaced, "<82><04><80>")]
#[case::expired(Ending::Expired, "<82><05><81><00>")]
#[case::signed_out(Ending::SignedOut, "<82><06><80>")]
#[case::ended_elsewhere(Ending::EndedElsewhere, "<82><07><80>")]
#[case::other_person(Ending::OtherPerson, "<82><08><80>")]
#[case::signed_out_at_provider(Ending::SignedOutAtProvider, "<82><09><80>")]
fn ending_has_golden_bytes(#[case] ending: Ending, #[case] expected: &str) {
    let bytes = encoded(&super::Ending::of(ending));
    assert_eq!(readable(&bytes), expected);
    let decoded: super::Ending = records::decode(&bytes).unwrap();
    assert_eq!(decoded.read(), ending);
}

#[test]
fn undecided_login_decodes_unchanged_and_truncated_does_not_decode() {
    let now = Timestamp::from_unix_seconds(1_000);
    let login = ListedLogin {
        person: samples::person("contoso", "zofia"),
        user: samples::claims("contoso", "zofia"),
        only_connects: true,
        account: session().accounts.remove(0),
        tokens: tokens(),
        origin: attempt().origin,
        return_to: attempt().return_to,
    };
    let undecided = Undecided::about(login, SessionKey::from_bytes([b'S'; 32]), now);
    let bytes = encoded(&super::Undecided::of(&undecided));
    assert_eq!(super::Undecided::read(&bytes).unwrap(), undecided);
    assert!((0..bytes.len()).all(|length| super::Undecided::read(&bytes[..length]).is_err()));
}

/// Of a version before persons of accounts, e-mail addresses and clients.
const EARLIER_SESSION: &str = concat!(
    r#"<87>X PERSONeazurex<8c>{"iss":"https://login.example/contoso/v2.0","name":"Zofia Nowak","#,
    r#""oid":"zofia","preferred_username":"zofia@contoso.example","tid":"contoso"}"#,
    "<81><89>vWOyftB82CLe-n3xX6oWU3weazureezofiagcontosokZofia Nowak<19><03><e8><1a><00><01><11>p",
    "uzofia@contoso.examplePLLLLLLLLLLLLLLLL<19><03><e8><19><03><e8>",
    "<81><82>vWOyftB82CLe-n3xX6oWU3wPTTTTTTTTTTTTTTTT",
);

const TOKEN: &str = "<85><19><1b>X<19>)h<03>lbasic_actionb{}";
const SESSION: &str = concat!(
    r#"<88>X PERSONeazurex<8c>{"iss":"https://login.example/contoso/v2.0","name":"Zofia Nowak","#,
    r#""oid":"zofia","preferred_username":"zofia@contoso.example","tid":"contoso"}"#,
    "<81><8d>vWOyftB82CLe-n3xX6oWU3weazureezofiagcontosokZofia Nowak<19><03><e8><1a><00><01><11>p",
    "uzofia@contoso.examplePLLLLLLLLLLLLLLLL<f6><f6>X PERSONkz@c.example<19><03><e8><19><03><e8>",
    "<81><82>vWOyftB82CLe-n3xX6oWU3wPTTTTTTTTTTTTTTTT<83>P<00><00><00><00><00><00><00><00><00><00><ff><ff><c0><00><02><01><01><03>",
);

const LISTING: &str = concat!(
    "<83><82><83>conepSubscription onegEnabled<85>ctwocTwo<f6>hfabrikam<81><82>fregionbeu",
    "<81><87>hfabrikamhFabrikam<02>hUse MFA.<00><82><01><81>b{}<81><82>gcountrybPL<81>gcareful",
);

const TOKENS: &str = concat!(
    "<84><83>a1C<00><01><02>bAB<1b><00><00><00><02><18>q<1a><00>",
    "<81>mnot base64url<81>x%https://management.azure.com/.default",
);

const ATTEMPT: &str = concat!(
    "<8f>eazurehlinked-1hfabrikamx<1f>http://localhost:5000/getAToken",
    "x<1f>http://localhost:3000/dashboardenoncehverifierihttps://i<f5><19><03><e8><19><07>l<f5><05>",
    "<f5>X SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS",
);
