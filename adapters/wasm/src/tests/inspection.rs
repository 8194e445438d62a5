//! [`inspect`] reads a component without running it.

use crate::{
    error::LoadError,
    inspect::{Inspection, inspect},
    sandbox::Sandbox,
    testing::PluginBuilder,
};

#[test]
fn inspect_returns_interface_and_size_of_plugin() {
    let component = PluginBuilder::honest("honest").build();
    let inspection = inspect(&component).unwrap();
    let expected = Inspection {
        imports: vec![],
        interface: Some("2.0.0".into()),
        bytes: component.len(),
        modules: inspection.modules,
        instance_overhead: inspection.instance_overhead,
    };
    assert_eq!(inspection, expected);
    assert!(inspection.modules >= 1, "{inspection:?}");
}

#[test]
fn inspect_returns_imports_of_the_component_without_those_of_nested_ones() {
    let text = r#"(component
        (import "wasi:clocks/wall-clock@0.2.3" (instance))
        (import "wasi:random/random@0.2.3" (instance))
        (core module (import "env" "f" (func)))
        (component (import "inner" (instance))))"#;
    let inspection = inspect(&wat::parse_str(text).unwrap()).unwrap();
    let expected = ["wasi:clocks/wall-clock@0.2.3", "wasi:random/random@0.2.3"];
    assert_eq!(inspection.imports, expected);
    assert_eq!((inspection.interface, inspection.modules), (None, 1));
}

fn compile_error(text: &str) -> String {
    let component = wat::parse_str(text).unwrap();
    Sandbox::new().unwrap().compile(&component).err().unwrap().to_string()
}

#[test]
fn compile_error_names_imports_and_the_option_against_them() {
    let error = compile_error(r#"(component (import "wasi:sockets/tcp@0.2.3" (instance)))"#);
    assert!(error.starts_with("it imports wasi:sockets/tcp@0.2.3, and a plug-in imports nothing"));
    assert!(error.contains("--stub-wasi"));
}

#[test]
fn compile_error_names_unsupported_interface_and_supported_ones() {
    let error = compile_error(
        r#"(component (instance $i)
        (export "portico:provider/provider@0.9.0" (instance $i)))"#,
    );
    let expected = "it speaks interface 0.9.0; this Portico speaks interface 2.0.0 and 1.0.0";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn compile_refuses_core_module() {
    assert!(compile_error("(module)").contains("it is a core module"));
}

#[test]
fn inspect_refuses_file_over_size_limit() {
    let error = inspect(&vec![0; (64 << 20) + 1]).unwrap_err();
    assert!(matches!(error, LoadError::TooLarge { .. }));
    assert!(error.to_string().contains("more than 64 MiB"), "{error}");
}
