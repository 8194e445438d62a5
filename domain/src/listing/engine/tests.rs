mod requests;
mod tenants;

use url::Url;

use super::*;
use crate::{
    account::{Subscription, Tenant, TenantState},
    identity::TenantId,
    listing::WantedToken,
    provider::{CallError, Credential, FetchError, Method, Principal, Reply},
    testing::samples,
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

/// Runs a test with the engine of a listing of Zofia's.
fn with_engine(test: impl FnOnce(&mut Engine<'_>)) {
    with_engine_of(&samples::descriptor(), test);
}

fn with_engine_of(descriptor: &Descriptor, test: impl FnOnce(&mut Engine<'_>)) {
    let person = Person { identity: samples::identity("contoso", "zofia"), token_reply: vec![] };
    let token = AccessToken::new("persons-token");
    let budget = ListingBudget::default();
    test(&mut Engine::new(descriptor, &person, &token, TokenEcho::default(), budget, NOW));
}

fn request(id: u32, permission: &str) -> Request {
    Request {
        id,
        method: Method::Get,
        url: Url::parse("https://cloud.example/list?page=1").unwrap(),
        headers: vec![],
        body: None,
        credential: Some(Credential { permission: permission.into(), tenant: None }),
    }
}

fn advance(engine: &mut Engine<'_>) -> Vec<Response> {
    match engine.poll(NOW) {
        Poll::Advance(responses) => responses,
        other => panic!("{other:?}"),
    }
}

fn tasks(engine: &mut Engine<'_>) -> Vec<Task> {
    match engine.poll(NOW) {
        Poll::Begin(tasks) => tasks,
        other => panic!("{other:?}"),
    }
}

fn fetches(engine: &mut Engine<'_>) -> Vec<PlannedFetch> {
    let fetch = |task| match task {
        Task::Fetch(fetch) => *fetch,
        other @ Task::Token(_) => panic!("{other:?}"),
    };
    tasks(engine).into_iter().map(fetch).collect()
}

fn wanted(engine: &mut Engine<'_>) -> Vec<WantedToken> {
    let wanted = |task| match task {
        Task::Token(wanted) => wanted,
        other @ Task::Fetch(_) => panic!("{other:?}"),
    };
    tasks(engine).into_iter().map(wanted).collect()
}

fn event(engine: &mut Engine<'_>) -> Event {
    match engine.poll(NOW) {
        Poll::Event(event) => event,
        other => panic!("{other:?}"),
    }
}

fn name(permission: &str, tenant: &str) -> TokenName {
    TokenName { permission: permission.into(), tenant: TenantId::parse(tenant).unwrap() }
}

fn page() -> Reply {
    Reply { status: 200, headers: vec![], body: "page".into() }
}

#[test]
fn replied_yields_a_page_event_and_then_the_response() {
    with_engine(|engine| {
        assert_eq!(advance(engine), []);
        engine.stepped(Ok(Step::fetch(vec![request(7, "as-user")])), NOW);
        let planned = fetches(engine);
        let sent = planned[0].fetch();
        assert_eq!(sent.token.map(|(token, _)| token.expose()), Some("persons-token"));
        engine.replied(&planned[0], Ok(page()));
        let what = "https://cloud.example/list".into();
        assert_eq!(event(engine), Event::Page { what, status: 200, bytes: 4 });
        assert_eq!(advance(engine), [Response { id: 7, outcome: Ok(page()) }]);
    });
}

#[test]
fn poll_counts_a_request_without_an_outcome_as_unreachable() {
    with_engine(|engine| {
        advance(engine);
        engine.stepped(Ok(Step::fetch(vec![request(1, "as-user"), request(2, "as-user")])), NOW);
        let planned = fetches(engine);
        engine.replied(&planned[1], Ok(page()));
        assert!(matches!(engine.poll(NOW), Poll::Wait));
        assert!(matches!(event(engine), Event::Failed(_)));
        assert!(matches!(event(engine), Event::Page { .. }));
        let outcomes = advance(engine).into_iter().map(|response| response.outcome);
        assert_eq!(outcomes.collect::<Vec<_>>(), [Err(FetchError::Unreachable), Ok(page())]);
    });
}

#[test]
fn give_up_waiting_times_out_what_is_under_way_and_drops_its_end() {
    with_engine(|engine| {
        advance(engine);
        let requests =
            vec![request(1, "as-user"), request(2, "as-user"), request(3, "as-application")];
        engine.stepped(Ok(Step::fetch(requests)), NOW);
        let begun = tasks(engine);
        let planned: Vec<_> = begun
            .iter()
            .filter_map(|task| match task {
                Task::Fetch(planned) => Some(planned),
                Task::Token(_) => None,
            })
            .collect();
        assert_eq!((begun.len(), planned.len()), (3, 2));
        engine.replied(planned[1], Ok(page()));
        engine.give_up_waiting();
        engine.replied(planned[0], Ok(page()));
        engine.token(name("as-application", "contoso"), Ok(AccessToken::new("late")));
        let failed = |event: Event| matches!(event, Event::Failed(_));
        assert!(failed(event(engine)) && !failed(event(engine)) && failed(event(engine)));
        let outcomes = advance(engine).into_iter().map(|response| response.outcome);
        let late = || Err(FetchError::TimedOut);
        assert_eq!(outcomes.collect::<Vec<_>>(), [late(), Ok(page()), late()]);
    });
}

#[test]
fn replied_ignores_an_outcome_of_an_earlier_step() {
    with_engine(|engine| {
        advance(engine);
        engine.stepped(Ok(Step::fetch(vec![request(1, "as-user")])), NOW);
        let first = fetches(engine);
        engine.replied(&first[0], Ok(page()));
        event(engine);
        advance(engine);
        engine.replied(&first[0], Ok(page()));
        engine.token(name("as-application", "contoso"), Ok(AccessToken::new("of-nobody")));
        engine.stepped(Ok(Step::Done(Listing::default())), NOW);
        assert!(matches!(engine.poll(NOW), Poll::Done(Ok(_))));
    });
}

#[test]
fn poll_requests_an_application_token_once_per_name() {
    with_engine(|engine| {
        advance(engine);
        let requests = vec![request(1, "as-application"), request(2, "as-application")];
        engine.stepped(Ok(Step::fetch(requests)), NOW);
        let contoso = name("as-application", "contoso");
        let scopes = vec!["https://cloud.example/.default".into()];
        let principal = Principal::Application;
        assert_eq!(wanted(engine), [WantedToken { name: contoso.clone(), principal, scopes }]);
        engine.token(contoso, Ok(AccessToken::new("applications-token")));
        for planned in fetches(engine) {
            let token = planned.fetch().token.map(|(token, _)| token.expose());
            assert_eq!(token, Some("applications-token"));
        }
    });
}

#[test]
fn poll_yields_tenants_and_warnings_before_done_and_done_once() {
    with_engine(|engine| {
        advance(engine);
        let tenant = Tenant {
            id: "fabrikam".into(),
            display_name: "Fabrikam".into(),
            state: TenantState::WantsMfa,
            reason: None,
            mender: None,
            repair: None,
            extra: vec![],
        };
        let subscriptions: Vec<Subscription> = vec![samples::subscription("one")];
        let warnings = vec!["one tenant is missing".to_owned()];
        let listing = Listing { subscriptions, tenants: vec![tenant], warnings };
        engine.stepped(Ok(Step::Done(listing.clone())), NOW);
        let (id, state) = ("fabrikam".to_owned(), TenantState::WantsMfa);
        assert_eq!(event(engine), Event::Tenant { id, state });
        assert_eq!(event(engine), Event::Warning("one tenant is missing".into()));
        match engine.poll(NOW) {
            Poll::Done(ended) => assert_eq!(ended, Ok(listing)),
            other => panic!("{other:?}"),
        }
        assert!(matches!(engine.poll(NOW), Poll::Done(Err(CallError::Broken(_)))));
    });
}
