//! Speeds in the player's unit, sixteenths of a doubling, and as factors. In arithmetic of our own and text from whole
//! numbers: `log2`, `powf` and a float's text and parser would bring some 20 KB of tables and code along.

/// Steps of a doubling.
const STEPS: i32 = 16;
/// Farthest from 1: 16 times as slow or as fast.
const MOST: i32 = 4 * STEPS;
/// The sixteenth root of 2.
const STEP: f64 = 1.044_273_782_427_413_8;

/// The factor of so many steps; whole doublings are exact.
pub fn factor(steps: i32) -> f64 {
    let steps = steps.clamp(-MOST, MOST);
    let part = (0..steps.rem_euclid(STEPS)).fold(1.0, |product, _| product * STEP);
    match steps.div_euclid(STEPS) {
        doublings @ 0.. => part * f64::from(1 << doublings),
        halvings => part / f64::from(1 << -halvings),
    }
}

/// The nearest number of steps, 1/16 to 16 times.
pub fn steps(factor_wanted: f64) -> i32 {
    let half = 1.021_897_148_654_116_6; // The 32nd root of 2.
    (-MOST..MOST).find(|n| factor_wanted < factor(*n) * half).unwrap_or(MOST)
}

/// `1/16×`, `1×`, `2.8×`.
pub fn text(factor: f64) -> String {
    if factor < 0.95 {
        format!("1/{}×", tenths(10.0 / factor))
    } else {
        format!("{}×", tenths(factor * 10.0))
    }
}

fn tenths(value: f64) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "at most 160")]
    let value = value.round() as i32;
    highwater_scene::number(value * 10)
}

/// What is wrong with a factor, if it is none.
///
/// # Errors
/// It is not a positive finite number; the message says what is allowed.
pub fn check(factor: f64) -> Result<f64, String> {
    if factor.is_finite() && factor > 0.0 {
        return Ok(factor);
    }
    #[allow(clippy::cast_possible_truncation, reason = "it saturates")]
    let found = match factor {
        _ if factor.is_nan() => "not a number".to_owned(),
        _ if factor.is_infinite() => "infinite".to_owned(),
        _ => highwater_scene::number((factor * 100.0) as i32),
    };
    Err(format!("speed {found}: allowed is 1/16 to 16"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_factors_are_those_of_the_logarithm() {
        for n in -MOST..=MOST {
            let exact = 2f64.powf(f64::from(n) / 16.0);
            assert!((factor(n) / exact - 1.0).abs() < 1e-12, "{n}");
            assert_eq!(steps(exact), n);
            assert_eq!(steps(exact * 1.02), n, "not yet half a step above");
            assert_eq!(steps(exact / 1.02), n, "not yet half a step below");
        }
        assert_eq!((factor(0), factor(16), factor(-64)), (1.0, 2.0, 0.0625));
        assert_eq!((steps(1e9), steps(1e-9)), (MOST, -MOST));
    }

    #[test]
    fn speeds_are_said_in_tenths() {
        let said = |steps| text(factor(steps));
        assert_eq!(said(0), "1×");
        assert_eq!(said(24), "2.8×");
        assert_eq!(said(-64), "1/16×");
        assert_eq!(said(-8), "1/1.4×");
        assert_eq!(said(64), "16×");
    }

    #[test]
    fn what_is_no_speed_is_named() {
        assert_eq!(check(-2.5).unwrap_err(), "speed -2.5: allowed is 1/16 to 16");
        assert_eq!(check(f64::NAN).unwrap_err(), "speed not a number: allowed is 1/16 to 16");
        assert_eq!(check(f64::INFINITY).unwrap_err(), "speed infinite: allowed is 1/16 to 16");
        assert_eq!(check(3.0), Ok(3.0));
    }
}
