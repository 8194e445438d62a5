(global $calls (mut i32) (i32.const 0))
;; The value of the setting `issuer`: its address and length.
(global $issuer (mut i32) (i32.const 0))
(global $issuer_len (mut i32) (i32.const 0))

;; Never frees: an instance lives for one listing.
(func $realloc (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (local.set $at (i32.and (i32.add (global.get $free) (i32.const 15)) (i32.const -16)))
  (global.set $free (i32.add (local.get $at) (local.get $size)))
  (block $enough
    (br_if $enough (i32.le_u (global.get $free) (i32.shl (memory.size) (i32.const 16))))
    (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))))
  (local.get $at))

;; `create`: returns `ok(configured)`.
(func $configure (result i32)
  (call $ok (call $new_configured (i32.const 1))))

;; Stores the value of the first setting, `issuer`, for $join.
(func $remember (param $settings i32)
  (global.set $issuer (i32.load offset=8 (local.get $settings)))
  (global.set $issuer_len (i32.load offset=12 (local.get $settings))))

;; `discover`: returns `ok(discovery)`.
(func $begin (result i32)
  (call $ok (call $new_discovery (i32.const 2))))

(func $ok (param $handle i32) (result i32)
  (local $at i32)
  (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 24)))
  (i32.store (local.get $at) (i32.const 0))
  (i32.store offset=4 (local.get $at) (local.get $handle))
  (local.get $at))

;; Recurses until the stack is full.
(func $deep (param $n i32) (result i32)
  (i32.add (call $deep (i32.add (local.get $n) (i32.const 1))) (local.get $n)))

(func $forever (result i32)
  (loop $again (br $again))
  (unreachable))

(func $take_all (result i32)
  (loop $again
    (drop (memory.grow (i32.const 64)))
    (br $again))
  (unreachable))

;; Loops $rounds times.
(func $compute (param $rounds i32)
  (loop $again
    (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
    (br_if $again (local.get $rounds))))

;; Grows the memory by $pages and writes to each of them.
(func $take (param $pages i32)
  (local $at i32)
  (local.set $at (i32.shl (memory.grow (local.get $pages)) (i32.const 16)))
  (loop $again
    (i32.store (local.get $at) (i32.const 1))
    (local.set $at (i32.add (local.get $at) (i32.const 4096)))
    (br_if $again (i32.lt_u (local.get $at) (i32.shl (memory.size) (i32.const 16))))))

;; Stores at $to the issuer followed by the text at $tail.
(func $join (param $to i32) (param $tail i32)
  (local $at i32)
  (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 1)
    (i32.add (global.get $issuer_len) (i32.load offset=4 (local.get $tail)))))
  (memory.copy (local.get $at) (global.get $issuer) (global.get $issuer_len))
  (memory.copy (i32.add (local.get $at) (global.get $issuer_len))
    (i32.load (local.get $tail)) (i32.load offset=4 (local.get $tail)))
  (i32.store (local.get $to) (local.get $at))
  (i32.store offset=4 (local.get $to)
    (i32.add (global.get $issuer_len) (i32.load offset=4 (local.get $tail)))))
