//! The id of an event in ten bytes, if it was made shortly before the event was received.

use uuid::Uuid;

use super::bytes::Source;

/// Steps of a millisecond between the making of an id and the receipt, of which six bits tell.
const LATE: u64 = 62;
/// These six bits say that the id is written out.
const WRITTEN_OUT: u64 = 63;

/// A UUIDv7 holds the time at which it was made, which is shortly before the receipt: 74 bits of it are its own.
pub(super) fn put_id(out: &mut Vec<u8>, id: Uuid, received_at: i64) {
    let bits = id.as_u128();
    let made = (bits >> 80) as u64;
    let late = (received_at.div_euclid(1000) as u64).wrapping_sub(made);
    let is_v7 = bits >> 76 & 0xf == 7 && bits >> 62 & 0b11 == 0b10;
    if !is_v7 || late > LATE {
        out.push((WRITTEN_OUT << 2) as u8);
        out.extend(bits.to_be_bytes());
        return;
    }
    let own = (bits >> 64 & 0xfff) << 62 | bits & ((1 << 62) - 1);
    let packed = u128::from(late) << 74 | own;
    out.extend(packed.to_be_bytes().iter().skip(6));
}

pub(super) fn read_id(from: &mut impl Source, received_at: i64) -> Uuid {
    let first = from.byte();
    if u64::from(first >> 2) == WRITTEN_OUT {
        return Uuid::from_bytes(from.array());
    }
    let rest = from.array::<9>();
    let packed = rest.iter().fold(u128::from(first), |all, byte| all << 8 | u128::from(*byte));
    let made = (received_at.div_euclid(1000) as u64).wrapping_sub((packed >> 74) as u64);
    let random = (packed >> 62 & 0xfff) << 64 | packed & ((1 << 62) - 1);
    Uuid::from_u128(u128::from(made) << 80 | 7 << 76 | 0b10 << 62 | random)
}
