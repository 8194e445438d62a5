//! The documents in `docs/writing-a-provider.md` are what the kit reads.

use portico_provider_kit::{Fixtures, Tape};

const DOCS: &str = include_str!("../../../docs/writing-a-provider.md");

#[test]
fn the_fixtures_and_the_tape_that_the_docs_show_can_be_read() {
    let documents: Vec<_> = DOCS.split("```json\n").skip(1).collect();
    let documents: Vec<_> = documents.iter().map(|it| it.split("```").next().unwrap()).collect();
    let [fixtures, tape] = documents.as_slice() else { panic!("{} documents", documents.len()) };
    let fixtures = Fixtures::parse("docs", fixtures).unwrap();
    assert!(fixtures.claims.is_some());
    let tape = Tape::parse(tape).unwrap();
    assert!(tape.person.is_some() && tape.outcome.is_some());
    assert_eq!(tape.steps.len(), 1);
}
