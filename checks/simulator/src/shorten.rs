//! Makes a string of choices shorter, as long as it breaks the same promise.

/// Drops choices, and makes others the usual ones, while `breaks` says that what is left still
/// breaks the promise.
pub fn shorten(mut bytes: Vec<u8>, mut breaks: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    loop {
        let before = bytes.clone();
        // Whole pieces first.
        let mut piece = bytes.len().next_power_of_two();
        while piece > 0 {
            let mut from = 0;
            while from < bytes.len() {
                let until = (from + piece).min(bytes.len());
                let mut without = bytes.clone();
                without.drain(from..until);
                if breaks(&without) {
                    bytes = without;
                    continue;
                }
                if bytes[from..until].iter().any(|byte| *byte != 0) {
                    let mut usual = bytes.clone();
                    usual[from..until].fill(0);
                    if breaks(&usual) {
                        bytes = usual;
                    }
                }
                from = until;
            }
            piece /= 2;
        }
        for place in 0..bytes.len() {
            while bytes[place] > 0 {
                let mut lower = bytes.clone();
                lower[place] -= 1;
                if !breaks(&lower) {
                    break;
                }
                bytes = lower;
            }
        }
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        if bytes == before {
            return bytes;
        }
    }
}
