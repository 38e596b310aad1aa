//! Easing curves and a sine in integers: the same picture on every machine at every moment.

use crate::Ease;

/// Whole of a progress or a fraction.
pub const WHOLE: i32 = 10_000;

/// Eased progress for a linear one, both 0 to 10000.
pub fn ease(curve: Ease, progress: i32) -> i32 {
    let progress = progress.clamp(0, WHOLE);
    match curve {
        Ease::Linear => progress,
        Ease::Ease => bezier(3000, 0, 2000, WHOLE, progress),
        Ease::Water => bezier(2000, 0, 0, WHOLE, progress),
        Ease::Wire => bezier(4500, 500, 5500, 9500, progress),
    }
}

/// A CSS cubic-bezier(x1, y1, x2, y2): y at x = `progress`, by bisection on the parameter.
fn bezier(x1: i32, y1: i32, x2: i32, y2: i32, progress: i32) -> i32 {
    if progress == 0 || progress == WHOLE {
        return progress;
    }
    const ONE: i64 = 1 << 16;
    let curve = |a: i32, b: i32, t: i64| -> i64 {
        let s = ONE - t;
        let one = 3 * (s * s / ONE) * t / ONE * i64::from(a);
        let two = 3 * s * (t * t / ONE) / ONE * i64::from(b);
        let three = (t * t / ONE) * t / ONE * i64::from(WHOLE);
        (one + two + three) / ONE
    };
    let (mut low, mut high) = (0, ONE);
    for _ in 0..16 {
        let middle = (low + high) / 2;
        if curve(x1, x2, middle) < i64::from(progress) {
            low = middle;
        } else {
            high = middle;
        }
    }
    i32::try_from(curve(y1, y2, high)).unwrap_or(WHOLE).clamp(0, WHOLE)
}

/// Value between `from` and `to` at `progress` of 10000.
pub fn between(from: i32, to: i32, progress: i32) -> i32 {
    let way = (i64::from(to) - i64::from(from)) * i64::from(progress);
    let step = if way >= 0 { way + 5000 } else { way - 5000 } / i64::from(WHOLE);
    i32::try_from(i64::from(from) + step).unwrap_or(to)
}

/// Sines of whole degrees 0 to 90, times 10000.
const SINES: [i32; 91] = [
    0, 175, 349, 523, 698, 872, 1045, 1219, 1392, 1564, 1736, 1908, 2079, 2250, 2419, 2588, 2756,
    2924, 3090, 3256, 3420, 3584, 3746, 3907, 4067, 4226, 4384, 4540, 4695, 4848, 5000, 5150, 5299,
    5446, 5592, 5736, 5878, 6018, 6157, 6293, 6428, 6561, 6691, 6820, 6947, 7071, 7193, 7314, 7431,
    7547, 7660, 7771, 7880, 7986, 8090, 8192, 8290, 8387, 8480, 8572, 8660, 8746, 8829, 8910, 8988,
    9063, 9135, 9205, 9272, 9336, 9397, 9455, 9511, 9563, 9613, 9659, 9703, 9744, 9781, 9816, 9848,
    9877, 9903, 9925, 9945, 9962, 9976, 9986, 9994, 9998, 10000,
];

/// Sine of an angle in hundredths of a degree, times 10000.
pub fn sine(centidegrees: i32) -> i32 {
    let angle = centidegrees.rem_euclid(36_000);
    let (angle, sign) = if angle >= 18_000 { (angle - 18_000, -1) } else { (angle, 1) };
    let angle = if angle > 9000 { 18_000 - angle } else { angle };
    let index = (angle / 100) as usize;
    let next = SINES[(index + 1).min(90)];
    sign * (SINES[index] + (next - SINES[index]) * (angle % 100) / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_start_end_and_rise() {
        for curve in [Ease::Ease, Ease::Water, Ease::Wire, Ease::Linear] {
            assert_eq!((ease(curve, 0), ease(curve, WHOLE)), (0, WHOLE));
            let mut last = 0;
            for progress in (0..=WHOLE).step_by(50) {
                let now = ease(curve, progress);
                assert!(now + 3 >= last, "{curve:?} falls at {progress}: {last} to {now}");
                last = now;
            }
        }
    }

    /// Reference values of the CSS curves, by an independent float computation.
    #[test]
    fn curves_are_the_css_ones() {
        let reference = |x1: f64, y1: f64, x2: f64, y2: f64, x: f64| {
            let at = |a: f64, b: f64, t: f64| {
                3.0 * (1.0 - t).powi(2) * t * a + 3.0 * (1.0 - t) * t * t * b + t.powi(3)
            };
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..60 {
                let t = (low + high) / 2.0;
                if at(x1, x2, t) < x { low = t } else { high = t }
            }
            at(y1, y2, low) * 10_000.0
        };
        for p in [500, 1000, 2500, 5000, 7500, 9500] {
            let x = f64::from(p) / 10_000.0;
            let close = |curve, r: f64| (f64::from(ease(curve, p)) - r).abs() < 15.0;
            assert!(close(Ease::Ease, reference(0.3, 0.0, 0.2, 1.0, x)), "ease {p}");
            assert!(close(Ease::Water, reference(0.2, 0.0, 0.0, 1.0, x)), "water {p}");
            assert!(close(Ease::Wire, reference(0.45, 0.05, 0.55, 0.95, x)), "wire {p}");
        }
    }

    #[test]
    fn sines() {
        for degrees in -720..720 {
            let exact = f64::from(degrees).to_radians().sin() * 10_000.0;
            assert!((f64::from(sine(degrees * 100)) - exact).abs() < 1.0, "{degrees}");
        }
        assert!((f64::from(sine(4550)) - 7132.5).abs() < 2.0);
    }

    #[test]
    fn between_rounds_evenly() {
        assert_eq!(between(0, 100, 5000), 50);
        assert_eq!(between(100, 0, 2500), 75);
        assert_eq!(between(-100, 100, 10_000), 100);
    }
}
