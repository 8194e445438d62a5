//! The exports of a component, implemented by any [`Provider`].

use std::{cell::RefCell, marker::PhantomData};

use portico_provider_model::{Discovery, Provider, Settings};

use super::{bindings::wire, convert, panic_message::send_on_panic};

/// The exports of a component whose provider is `P`.
pub struct Component<P>(PhantomData<P>);

/// The resource `configured`.
pub struct Configured<P>(P);

/// The resource `discovery`. The host calls one function at a time, so it is never borrowed twice.
pub struct Run<D>(RefCell<D>);

impl<P: Provider> wire::Guest for Component<P> {
    type Configured = Configured<P>;
    type Discovery = Run<P::Discovery>;

    fn describe() -> wire::Descriptor {
        send_on_panic();
        convert::descriptor(P::describe())
    }
}

impl<P: Provider> wire::GuestConfigured for Configured<P> {
    fn create(settings: wire::Pairs) -> Result<wire::Configured, wire::Problem> {
        send_on_panic();
        // Portico fills in the defaults; another host may not.
        let settings = Settings::from_iter(settings)
            .complete(&P::describe().settings)
            .map_err(convert::problem)?;
        let provider = P::create(&settings).map_err(convert::problem)?;
        Ok(wire::Configured::new(Self(provider)))
    }

    fn discover(&self, person: wire::Person) -> Result<wire::Discovery, wire::Problem> {
        let person = convert::person(person).map_err(convert::invalid_identifier)?;
        let discovery = self.0.discover(&person).map_err(convert::problem)?;
        Ok(wire::Discovery::new(Run(RefCell::new(discovery))))
    }
}

impl<D: Discovery> wire::GuestDiscovery for Run<D> {
    fn next(&self, responses: Vec<wire::Response>) -> Result<wire::Step, wire::Problem> {
        let responses = responses.into_iter().map(convert::response).collect();
        self.0.borrow_mut().next(responses).map(convert::step).map_err(convert::problem)
    }
}
