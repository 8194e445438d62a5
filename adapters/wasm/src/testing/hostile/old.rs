//! An honest guest of interface 0.1.0, to show that what was built for it still runs.

use super::{
    guest,
    lower::{Flat, Heap, byte, nothing, number, option, option_text, record, variant},
};

const WIT: &str = include_str!("../../../../../providers/wit/v0/provider.wit");
const INTERFACE: &str = "portico:provider/provider@0.1.0";

/// Signs in at fixed endpoints, identifies `zofia` of `contoso`, asks for one address, then finds
/// one project.
pub(crate) fn old_guest() -> Vec<u8> {
    let mut heap = Heap::new(1024);
    let descriptor = descriptor(&mut heap);
    let descriptor = heap.put(&descriptor);
    let sign_in = sign_in(&mut heap);
    let sign_in = heap.put(&sign_in);
    let identity = record([
        heap.text("zofia"),
        heap.text("contoso"),
        heap.text("Zofia"),
        option_text(None),
        nothing(),
    ]);
    let identity = variant(0, Some(identity), 44);
    let identity = heap.put(&identity);
    let fetch = fetch(&mut heap);
    let fetch = heap.put(&fetch);
    let done = done(&mut heap);
    let done = heap.put(&done);
    let many = "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)";
    let text = format!(
        r#"(module {imports}
          (func (export "{INTERFACE}#describe") (result i32) (i32.const {descriptor}))
          (func (export "{INTERFACE}#[static]configured.create")
            (param i32 i32 i32 i32 i32) (result i32)
            (call $configure (local.get 0) (local.get 1)))
          (func (export "{INTERFACE}#[method]configured.sign-in") (param i32) (result i32)
            (i32.const {sign_in}))
          (func (export "{INTERFACE}#[method]configured.identify") (param i32 i32 i32)
            (result i32) (i32.const {identity}))
          (func (export "{INTERFACE}#[method]configured.discover") {many} (result i32)
            (if (i32.ne (local.get 1) (i32.const 1)) (then unreachable))
            (call $begin))
          (func (export "{INTERFACE}#[method]discovery.next") (param i32 i32 i32) (result i32)
            (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (select (i32.const {fetch}) (i32.const {done})
              (i32.eq (global.get $calls) (i32.const 1))))
          {library} {memory})"#,
        imports = guest::imports(INTERFACE),
        library = guest::library(),
        memory = guest::memory(&heap, 2),
    );
    guest::encode(&text, WIT)
}

fn descriptor(heap: &mut Heap) -> Flat {
    let grant = record([
        heap.text("list"),
        heap.text("To list."),
        byte(1),
        nothing(),
        heap.texts(&["api.example"]),
        heap.texts(&["/v1"]),
        variant(1, Some(heap.text("x-token")), 8),
    ]);
    record([
        heap.text("old"),
        heap.text("Old Cloud"),
        heap.text("0.9.0"),
        option_text(None),
        heap.text("project"),
        byte(1),
        nothing(),
        heap.list(vec![grant]),
        nothing(),
    ])
}

fn sign_in(heap: &mut Heap) -> Flat {
    let plain = record([
        heap.text("https://login.example/authorize"),
        heap.text("https://token.example/token"),
        option_text(None),
    ]);
    record([
        variant(1, Some(plain), 28),
        option_text(None),
        nothing(),
        nothing(),
        byte(1),
        byte(2),
        nothing(),
    ])
}

fn fetch(heap: &mut Heap) -> Flat {
    let request = record([
        number(1),
        byte(1),
        heap.text("https://api.example/v1/projects"),
        nothing(),
        option_text(Some(heap.text("{}"))),
        option(None, 20),
    ]);
    let wish = record([heap.list(vec![request]), nothing(), option_text(None)]);
    variant(0, Some(variant(0, Some(wish), OUTCOME)), 4 + OUTCOME)
}

/// An option of an identity, and four lists.
const OUTCOME: usize = 48 + 32;

fn done(heap: &mut Heap) -> Flat {
    let project = record([
        heap.text("one"),
        heap.text("One"),
        option_text(None),
        option_text(None),
        nothing(),
    ]);
    let outcome =
        record([option(None, 44), nothing(), heap.list(vec![project]), nothing(), nothing()]);
    variant(0, Some(variant(1, Some(outcome), OUTCOME)), 4 + OUTCOME)
}
