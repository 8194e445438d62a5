//! The person's tokens in other tenants than the one signed in to.

use super::*;
use crate::{
    ports::FetchFailure,
    provider::{Capability, TokenRefusal},
};

/// A descriptor whose `as-user` may be used in every tenant.
fn in_every_tenant() -> Descriptor {
    let (name, kind) = ("as-user".to_owned(), Capability::TENANTS.to_owned());
    let capability = Capability { name, kind, why: "to list them".into(), extra: vec![] };
    Descriptor { capabilities: vec![capability], ..samples::descriptor() }
}

fn in_tenant(id: u32, tenant: &str) -> Request {
    let credential =
        Credential { permission: "as-user".into(), tenant: TenantId::parse(tenant).ok() };
    Request { credential: Some(credential), ..request(id, "as-user") }
}

fn refused(error: &str) -> FetchFailure {
    let refusal = TokenRefusal { error: error.into(), ..TokenRefusal::default() };
    FetchFailure { error: FetchError::TokenRefused(Box::new(refusal)), detail: error.into() }
}

fn names(wanted: &[WantedToken]) -> Vec<&str> {
    wanted.iter().map(|wanted| wanted.name.tenant.as_str()).collect()
}

#[test]
fn poll_wants_the_persons_token_of_each_other_tenant_once() {
    with_engine_of(&in_every_tenant(), |engine| {
        advance(engine);
        let requests =
            vec![in_tenant(1, "fabrikam"), in_tenant(2, "fabrikam"), in_tenant(3, "tailspin")];
        engine.stepped(Ok(Step::fetch(requests)), NOW);
        let wanted = wanted(engine);
        assert_eq!(names(&wanted), ["fabrikam", "tailspin"]);
        assert!(wanted.iter().all(|wanted| wanted.principal == Principal::SignedInUser));
        assert_eq!(wanted[0].scopes, ["https://cloud.example/.default"]);
        engine.token(wanted[0].name.clone(), Ok(AccessToken::new("of-fabrikam")));
        let of_fabrikam = fetches(engine);
        assert_eq!(of_fabrikam.iter().map(|it| it.request.id).collect::<Vec<_>>(), [1, 2]);
        for planned in &of_fabrikam {
            assert_eq!(planned.fetch().token.unwrap().0.expose(), "of-fabrikam");
        }
    });
}

#[test]
fn poll_wants_no_token_of_another_tenant_without_the_capability() {
    with_engine(|engine| {
        advance(engine);
        engine.stepped(Ok(Step::fetch(vec![in_tenant(1, "fabrikam")])), NOW);
        assert!(matches!(event(engine), Event::Failed(_)));
        assert_eq!(advance(engine), [Response { id: 1, outcome: Err(FetchError::NoToken) }]);
    });
}

#[test]
fn poll_uses_the_token_of_the_sign_in_for_its_own_tenant() {
    with_engine_of(&in_every_tenant(), |engine| {
        advance(engine);
        engine.stepped(Ok(Step::fetch(vec![in_tenant(1, "contoso")])), NOW);
        let planned = fetches(engine);
        assert_eq!(planned[0].fetch().token.unwrap().0.expose(), "persons-token");
    });
}

#[test]
fn token_that_is_refused_fails_the_requests_of_its_tenant_only() {
    with_engine_of(&in_every_tenant(), |engine| {
        advance(engine);
        engine.stepped(
            Ok(Step::fetch(vec![in_tenant(1, "fabrikam"), in_tenant(2, "tailspin")])),
            NOW,
        );
        let wanted = wanted(engine);
        engine.token(wanted[0].name.clone(), Err(refused("interaction_required")));
        engine.token(wanted[1].name.clone(), Ok(AccessToken::new("of-tailspin")));
        let planned = fetches(engine);
        engine.replied(&planned[0], Ok(page()));
        assert!(matches!(event(engine), Event::Failed(_)));
        assert!(matches!(event(engine), Event::Page { .. }));
        let refused = refused("interaction_required").error;
        let expected = [
            Response { id: 1, outcome: Err(refused.clone()) },
            Response { id: 2, outcome: Ok(page()) },
        ];
        assert_eq!(advance(engine), expected);
        // A later step does not ask the identity provider again.
        engine.stepped(Ok(Step::fetch(vec![in_tenant(3, "fabrikam")])), NOW);
        assert!(matches!(event(engine), Event::Failed(_)));
        assert_eq!(advance(engine), [Response { id: 3, outcome: Err(refused) }]);
    });
}

#[test]
fn slow_tenant_holds_one_of_eight_places() {
    with_engine_of(&in_every_tenant(), |engine| {
        advance(engine);
        let requests = (0..20).map(|id| in_tenant(id, &format!("tenant-{id}"))).collect();
        engine.stepped(Ok(Step::fetch(requests)), NOW);
        let mut under_way = wanted(engine);
        assert_eq!(under_way.len(), 8);
        let slow = under_way.remove(0);
        let mut ended = 0;
        while let Some(wanted) = under_way.pop() {
            engine.token(wanted.name, Ok(AccessToken::new("fast")));
            for task in tasks(engine) {
                let Task::Fetch(planned) = task else { panic!("no place was free") };
                engine.replied(&planned, Ok(page()));
                ended += 1;
            }
            if let Poll::Begin(tasks) = engine.poll(NOW) {
                under_way.extend(tasks.into_iter().map(|task| match task {
                    Task::Token(wanted) => wanted,
                    Task::Fetch(planned) => panic!("{planned:?}"),
                }));
                assert!(under_way.len() <= 7);
            }
        }
        assert_eq!(ended, 19);
        engine.token(slow.name, Ok(AccessToken::new("slow")));
        assert_eq!(fetches(engine).len(), 1);
    });
}

#[test]
fn token_counts_as_a_request_of_the_budget() {
    let descriptor = in_every_tenant();
    let person = Person { identity: samples::identity("contoso", "zofia"), token_reply: vec![] };
    let token = AccessToken::new("persons-token");
    let budget = ListingBudget { requests: 2, ..ListingBudget::default() };
    let engine = &mut Engine::new(&descriptor, &person, &token, TokenEcho::default(), budget, NOW);
    advance(engine);
    let requests = (0..3).map(|id| in_tenant(id, &format!("tenant-{id}"))).collect();
    engine.stepped(Ok(Step::fetch(requests)), NOW);
    assert_eq!(names(&wanted(engine)), ["tenant-0", "tenant-1"]);
    for _ in 0..3 {
        assert!(matches!(event(engine), Event::Failed(_)));
    }
    let outcomes = advance(engine).into_iter().map(|response| response.outcome);
    assert_eq!(outcomes.collect::<Vec<_>>(), vec![Err(FetchError::BudgetSpent); 3]);
}

#[test]
fn response_that_echoes_a_token_of_another_tenant_is_withheld() {
    with_engine_of(&in_every_tenant(), |engine| {
        advance(engine);
        engine
            .stepped(Ok(Step::fetch(vec![in_tenant(1, "contoso"), in_tenant(2, "fabrikam")])), NOW);
        let mut tasks = tasks(engine);
        let (Some(Task::Token(wanted)), Some(Task::Fetch(own))) = (tasks.pop(), tasks.pop()) else {
            panic!("{tasks:?}")
        };
        let echo = Reply { body: "so-secret-a-token-of-fabrikam".into(), ..page() };
        engine.replied(&own, Ok(echo));
        engine.token(wanted.name, Ok(AccessToken::new("so-secret-a-token-of-fabrikam")));
        let planned = fetches(engine);
        engine.replied(&planned[0], Ok(page()));
        assert!(matches!(event(engine), Event::Failed(_)));
        assert!(matches!(event(engine), Event::Page { .. }));
        assert_eq!(advance(engine)[0].outcome, Err(FetchError::Refused));
    });
}
