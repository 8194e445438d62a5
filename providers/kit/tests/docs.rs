//! The examples in `docs/writing-a-provider.md` parse.

use portico_provider_kit::{Fixtures, Tape};

const DOCS: &str = include_str!("../../../docs/writing-a-provider.md");

#[test]
fn fixtures_and_tape_of_the_docs_parse() {
    let documents: Vec<_> = DOCS.split("```json\n").skip(1).collect();
    let documents: Vec<_> = documents.iter().map(|it| it.split("```").next().unwrap()).collect();
    let [fixtures, tape] = documents.as_slice() else { panic!("{} documents", documents.len()) };
    let fixtures = Fixtures::parse("docs", fixtures).unwrap();
    assert!(fixtures.claims.is_some());
    let tape = Tape::parse(tape).unwrap();
    assert!(tape.person.is_some() && tape.outcome.is_some());
    assert_eq!(tape.steps.len(), 1);
}
