//! Example Cloud for Portico, as a component.

mod cloud;

portico_provider::export!(cloud::ExampleCloud);
