;; The issuer that the one setting names: where it stands, and its length.
(global $issuer (mut i32) (i32.const 0))
(global $issuer_end (mut i32) (i32.const 0))
(global $calls (mut i32) (i32.const 0))

;; Never frees: an instance lives for one listing.
(func $realloc (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (local.set $at (i32.and (i32.add (global.get $free) (i32.const 15)) (i32.const -16)))
  (global.set $free (i32.add (local.get $at) (local.get $size)))
  (block $enough
    (br_if $enough (i32.le_u (global.get $free) (i32.shl (memory.size) (i32.const 16))))
    (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))))
  (local.get $at))

;; `create`: the first setting's value is the issuer. Answers `ok(configured)`.
(func $configure (param $settings i32) (param $count i32) (result i32)
  (global.set $issuer (i32.load offset=8 (local.get $settings)))
  (global.set $issuer_end (i32.load offset=12 (local.get $settings)))
  (call $ok (call $new_configured (i32.const 1))))

;; `discover`. Answers `ok(discovery)`.
(func $begin (result i32)
  (call $ok (call $new_discovery (i32.const 2))))

(func $ok (param $handle i32) (result i32)
  (local $at i32)
  (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 24)))
  (i32.store (local.get $at) (i32.const 0))
  (i32.store offset=4 (local.get $at) (local.get $handle))
  (local.get $at))

;; Stores at $to the text after `"sub":"` in the claims, up to the next quotation mark.
(func $subject (param $to i32) (param $claims i32) (param $length i32)
  (local $at i32) (local $end i32)
  (local.set $at (local.get $claims))
  (local.set $end (i32.add (local.get $claims) (local.get $length)))
  (block $found
    (loop $look
      (br_if $found (i64.eq (i64.and (i64.load (local.get $at)) (i64.const 0x00ffffffffffffff)) (i64.const 0x223a2262757322)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $look (i32.lt_u (local.get $at) (local.get $end))))
    (unreachable))
  (local.set $at (i32.add (local.get $at) (i32.const 7)))
  (i32.store (local.get $to) (local.get $at))
  (i32.store offset=4 (local.get $to) (call $until (local.get $at) (local.get $end) (i32.const 34) (i32.const 34))))

;; Stores at $to the host of the issuer: what stands after `//`.
(func $tenant (param $to i32)
  (local $at i32)
  (local.set $at (global.get $issuer))
  (loop $look
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br_if $look (i32.ne (i32.load16_u (local.get $at)) (i32.const 0x2f2f))))
  (local.set $at (i32.add (local.get $at) (i32.const 2)))
  (i32.store (local.get $to) (local.get $at))
  (i32.store offset=4 (local.get $to)
    (call $until (local.get $at) (i32.add (global.get $issuer) (global.get $issuer_end)) (i32.const 58) (i32.const 47))))

;; How many bytes from $at come before one of two, or before the end.
(func $until (param $at i32) (param $end i32) (param $one i32) (param $other i32) (result i32)
  (local $here i32)
  (local.set $here (local.get $at))
  (block $found
    (loop $look
      (br_if $found (i32.ge_u (local.get $here) (local.get $end)))
      (br_if $found (i32.eq (i32.load8_u (local.get $here)) (local.get $one)))
      (br_if $found (i32.eq (i32.load8_u (local.get $here)) (local.get $other)))
      (local.set $here (i32.add (local.get $here) (i32.const 1)))
      (br $look)))
  (i32.sub (local.get $here) (local.get $at)))

;; A call that never ends of its own: the stack is full first.
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

;; Computes so many rounds.
(func $compute (param $rounds i32)
  (loop $again
    (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
    (br_if $again (local.get $rounds))))

;; Takes so many pages more, and writes to each of them.
(func $take (param $pages i32)
  (local $at i32)
  (local.set $at (i32.shl (memory.grow (local.get $pages)) (i32.const 16)))
  (loop $again
    (i32.store (local.get $at) (i32.const 1))
    (local.set $at (i32.add (local.get $at) (i32.const 4096)))
    (br_if $again (i32.lt_u (local.get $at) (i32.shl (memory.size) (i32.const 16))))))

;; Stores at $to the issuer with the text that $tail points to after it.
(func $join (param $to i32) (param $tail i32)
  (local $at i32)
  (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 1)
    (i32.add (global.get $issuer_end) (i32.load offset=4 (local.get $tail)))))
  (memory.copy (local.get $at) (global.get $issuer) (global.get $issuer_end))
  (memory.copy (i32.add (local.get $at) (global.get $issuer_end))
    (i32.load (local.get $tail)) (i32.load offset=4 (local.get $tail)))
  (i32.store (local.get $to) (local.get $at))
  (i32.store offset=4 (local.get $to)
    (i32.add (global.get $issuer_end) (i32.load offset=4 (local.get $tail)))))
