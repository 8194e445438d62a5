//! A plug-in built for interface 0.1.0 works as it did.

use portico_domain::{
    identity::Claims,
    ports::CloudProvider,
    provider::{
        ClientAuthentication, Endpoints, FetchError, Method, People, Placement, Principal,
        Response, Settings, Step, TokenEncoding,
    },
};

use super::loaded;
use crate::{inspect, testing::old_guest};

#[tokio::test]
async fn a_plug_in_of_the_version_before_is_spoken_to_in_its_own_words() {
    let component = old_guest();
    assert_eq!(inspect(&component).unwrap().interface.as_deref(), Some("0.1.0"));
    let plugin = loaded(&component).await.unwrap();
    let descriptor = plugin.descriptor();
    assert_eq!(descriptor.people, Some(People::Anywhere));
    let grant = &descriptor.grants[0];
    assert_eq!(grant.methods, [Method::Get, Method::Post]);
    assert_eq!(grant.principal, Principal::Application);
    assert_eq!(grant.placement, Placement::Header("x-token".into()));

    let provider = plugin.configure(Settings::default()).await.unwrap();
    let sign_in = provider.sign_in(None).await.unwrap();
    let Endpoints::Plain(plain) = &sign_in.endpoints else { panic!("{sign_in:?}") };
    assert_eq!(plain.issuer.as_str(), "https://login.example/");
    assert_eq!(plain.token.as_str(), "https://token.example/token");
    assert_eq!(plain.user_record, None);
    assert_eq!(sign_in.token_encoding, TokenEncoding::JsonCamelCase);
    assert_eq!(sign_in.client_authentication, ClientAuthentication::None);

    let identity = provider.identify(None, &Claims::parse("{}").unwrap()).await.unwrap();
    assert_eq!((identity.subject.as_str(), identity.tenant.as_str()), ("zofia", "contoso"));
    let mut run = provider.discover(&identity).await.unwrap();
    let Step::Fetch(requests) = run.next(vec![]).await.unwrap() else { panic!("it asks first") };
    assert_eq!(requests[0].method, Method::Post);
    assert_eq!(requests[0].body.as_deref(), Some("{}"));
    let response = Response { id: 1, outcome: Err(FetchError::TimedOut) };
    let Step::Done(listing) = run.next(vec![response]).await.unwrap() else { panic!("then done") };
    assert_eq!(listing.subscriptions[0].id, "one");
}
