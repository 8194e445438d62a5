//! Where instances live: slots reserved once, so that a new instance costs no call into the system
//! beyond those that clean its slot, and so that only so many live at once.
//!
//! Made anew for each instance, its memory's 4 GiB of address space and its stack cost 100 µs; from
//! a slot 50 µs (`make bench`). wasmtime gives every instance its memory as the component's file
//! says, whoever had the slot before.

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::meter::{MOST_INSTANCES, MOST_MEMORIES, MOST_TABLES};

/// Instances at once, of all plug-ins together. Two serve a login; whoever comes beyond is told to
/// come again.
pub(crate) const LIVE: u32 = 1_000;
/// Memories of all of them: most plug-ins have one. 4 GiB of address space each, 16 TiB of the
/// 128 TiB that a process has.
const MEMORIES: u32 = 4 * LIVE;
/// Modules and tables of all of them. Python's tools link some twenty modules.
const MODULES: u32 = 24 * LIVE;
const TABLES: u32 = 8 * LIVE;
/// Elements of one table; CPython has 8,000 functions that are called by pointer.
const ELEMENTS: usize = 64 << 10;
/// Bytes that wasmtime keeps of one module or component, beside its memories: CPython's functions.
const INSTANCE_SIZE: usize = 4 << 20;

/// What of a used slot is written anew by hand rather than given back to the system, whose page
/// faults cost more: a Rust guest writes less than this in a login. Linux 6.7 tells which pages were
/// written to; before, it is the first pages.
const MEMORY_KEPT: usize = 256 << 10;
const TABLE_KEPT: usize = 16 << 10;
const STACK_KEPT: usize = 64 << 10;

/// Gives the engine its slots.
pub(crate) fn reserve(config: &mut Config) {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(LIVE)
        .total_stacks(LIVE)
        .total_core_instances(MODULES)
        .total_memories(MEMORIES)
        .total_tables(TABLES)
        .max_core_instances_per_component(MOST_INSTANCES as u32)
        .max_memories_per_component(MOST_MEMORIES as u32)
        .max_tables_per_component(MOST_TABLES as u32)
        .table_elements(ELEMENTS)
        .max_core_instance_size(INSTANCE_SIZE)
        .max_component_instance_size(INSTANCE_SIZE)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(MEMORY_KEPT)
        .table_keep_resident(TABLE_KEPT)
        .async_stack_keep_resident(STACK_KEPT);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
}
