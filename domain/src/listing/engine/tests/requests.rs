//! Headers and waits of requests, and requests that are refused.

use rstest::rstest;

use super::*;

/// A descriptor whose permission for the person declares these headers.
fn declaring(request_header: &str, reply_header: &str) -> Descriptor {
    let mut descriptor = samples::descriptor();
    let of_user = descriptor.permissions.iter_mut().find(|it| it.name == "as-user").unwrap();
    of_user.request_headers = vec![request_header.into()];
    of_user.reply_headers = vec![reply_header.into()];
    descriptor
}

fn header(name: &str) -> (String, String) {
    (name.into(), "2".into())
}

#[test]
fn fetch_has_a_declared_request_header_and_an_undeclared_one_is_not_granted() {
    with_engine_of(&declaring("x-api-version", "x-rest"), |engine| {
        advance(engine);
        let declared = Request { headers: vec![header("x-api-version")], ..request(1, "as-user") };
        let other = Request { headers: vec![header("x-rest")], ..request(2, "as-user") };
        engine.stepped(Ok(Step::fetch(vec![declared.clone(), other])), NOW);
        let planned = fetches(engine);
        let [planned] = &planned[..] else { panic!("{planned:?}") };
        let sent = planned.fetch();
        assert_eq!(
            (sent.request, sent.request_headers),
            (&declared, &["x-api-version".into()][..])
        );
        engine.replied(planned, Ok(page()));
        assert!(matches!(event(engine), Event::Page { .. }));
        assert!(matches!(event(engine), Event::Failed(_)));
        let outcomes = advance(engine).into_iter().map(|response| response.outcome);
        assert_eq!(outcomes.collect::<Vec<_>>(), [Ok(page()), Err(FetchError::NotGranted)]);
    });
}

#[test]
fn response_keeps_only_declared_reply_headers() {
    with_engine_of(&declaring("x-api-version", "x-rest"), |engine| {
        advance(engine);
        engine.stepped(Ok(Step::fetch(vec![request(1, "as-user")])), NOW);
        let planned = fetches(engine);
        let headers = ["x-api-version", "X-Rest", "x-other"].map(header).to_vec();
        engine.replied(&planned[0], Ok(Reply { headers, ..page() }));
        event(engine);
        let expected = Reply { headers: vec![header("x-rest")], ..page() };
        assert_eq!(advance(engine), [Response { id: 1, outcome: Ok(expected) }]);
    });
}

#[test]
fn fetch_waits_before_the_first_eight_requests_of_a_step_only() {
    with_engine(|engine| {
        advance(engine);
        let requests = (0..9).map(|id| request(id, "as-user")).collect();
        let wait = Duration::from_secs(3);
        engine.stepped(Ok(Step::Fetch { requests, wait }), NOW);
        let first = fetches(engine);
        assert_eq!(first.iter().map(|it| it.fetch().wait).collect::<Vec<_>>(), [wait; 8]);
        first.iter().for_each(|planned| engine.replied(planned, Ok(page())));
        let rest = fetches(engine);
        assert_eq!(rest.iter().map(|it| it.fetch().wait).collect::<Vec<_>>(), [Duration::ZERO]);
    });
}

#[rstest]
#[case::no_warning(vec![])]
#[case::own_warning(vec!["one tenant is missing".to_owned()])]
fn listing_after_a_refused_request_has_a_warning_if_the_provider_added_none(
    #[case] own: Vec<String>,
) {
    with_engine(|engine| {
        advance(engine);
        engine.stepped(Ok(Step::fetch(vec![request(1, "unknown")])), NOW);
        assert!(matches!(event(engine), Event::Failed(_)));
        let outcome = Err(FetchError::NotGranted);
        assert_eq!(advance(engine), [Response { id: 1, outcome }]);
        let listing = Listing { warnings: own.clone(), ..Listing::default() };
        engine.stepped(Ok(Step::Done(listing)), NOW);
        assert!(matches!(event(engine), Event::Warning(_)));
        let Poll::Done(Ok(listing)) = engine.poll(NOW) else { panic!("it did not end") };
        let expected = if own.is_empty() { vec![wording::refused(engine.descriptor)] } else { own };
        assert_eq!(listing.warnings, expected);
    });
}
