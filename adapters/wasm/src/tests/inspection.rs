//! What a component is, read before any of it runs.

use crate::{Inspection, LoadError, Sandbox, inspect, testing::Guest};

#[test]
fn a_component_is_read_without_being_compiled() {
    let component = Guest::honest("honest").build();
    let read = inspect(&component).unwrap();
    let expected = Inspection {
        imports: vec![],
        interface: Some("2.0.0".into()),
        bytes: component.len(),
        modules: read.modules,
        beside: read.beside,
    };
    assert_eq!(read, expected);
    assert!(read.modules >= 1, "{read:?}");
}

#[test]
fn imports_are_named_and_only_those_of_the_component_itself() {
    let text = r#"(component
        (import "wasi:clocks/wall-clock@0.2.3" (instance))
        (import "wasi:random/random@0.2.3" (instance))
        (core module (import "env" "f" (func)))
        (component (import "inner" (instance))))"#;
    let read = inspect(&wat::parse_str(text).unwrap()).unwrap();
    let named = ["wasi:clocks/wall-clock@0.2.3", "wasi:random/random@0.2.3"];
    assert_eq!(read.imports, named);
    assert_eq!((read.interface, read.modules), (None, 1));
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do() {
    let sandbox = Sandbox::new().unwrap();
    let refusal = |text: &str| {
        let component = wat::parse_str(text).unwrap();
        sandbox.compile(&component).err().unwrap().to_string()
    };
    let imports = refusal(r#"(component (import "wasi:sockets/tcp@0.2.3" (instance)))"#);
    assert!(
        imports.starts_with("it imports wasi:sockets/tcp@0.2.3, and a plug-in imports nothing")
    );
    assert!(imports.contains("--stub-wasi"));
    let other = r#"(component (instance $i)
        (export "portico:provider/provider@0.9.0" (instance $i)))"#;
    let other = refusal(other);
    let expected = "it speaks interface 0.9.0; this Portico speaks interface 2.0.0 and 1.0.0";
    assert!(other.starts_with(expected), "{other}");
    assert!(refusal("(module)").contains("it is a core module"));
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let refused = inspect(&vec![0; (64 << 20) + 1]);
    assert!(matches!(refused, Err(LoadError::TooLarge { .. })));
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("more than 64 MiB"), "{text}");
}
