//! What a figure was asked to be: the attributes of its element, already checked by the shell.

/// The five views.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ViewName {
    /// Brokers side by side.
    #[default]
    Cluster,
    /// One replica opened.
    Log,
    /// Replicas of one partition.
    Replicas,
    /// Members of one group over time.
    Group,
    /// Messages over time.
    SpaceTime,
}

impl ViewName {
    /// In the order of the header.
    pub const ALL: [ViewName; 5] =
        [Self::Cluster, Self::Log, Self::Replicas, Self::Group, Self::SpaceTime];

    /// As an attribute value.
    pub fn id(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Log => "log",
            Self::Replicas => "replicas",
            Self::Group => "group",
            Self::SpaceTime => "spacetime",
        }
    }

    /// As a menu entry.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cluster => "Cluster",
            Self::Log => "Log",
            Self::Replicas => "Replicas",
            Self::Group => "Group",
            Self::SpaceTime => "Space-time",
        }
    }

    /// By its attribute value.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.id() == id)
    }
}

/// How much there is to press.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Controls {
    /// By the size of the figure.
    #[default]
    Auto,
    /// The stage alone.
    None,
    /// Header line, stage, one bar.
    Step,
    /// Lesson, inspector, transport.
    Full,
}

/// An entry of the lessons menu.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listed {
    /// `src`.
    pub id: String,
    /// Title.
    pub title: String,
    /// A sentence.
    pub summary: String,
    /// Number of steps; 0 = a plain scenario.
    pub steps: u32,
}

/// Options of one figure.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Options {
    /// `src` as given; empty = the default lesson.
    pub src: String,
    /// `seed`.
    pub seed: Option<u64>,
    /// `set`: settings separated by `;`.
    pub set: String,
    /// `at`.
    pub at: String,
    /// `run`: a share token.
    pub run: String,
    /// `speed`.
    pub speed: Option<f64>,
    /// `view`; `None` = as the lesson says.
    pub view: Option<ViewName>,
    /// `controls`.
    pub controls: Controls,
    /// `allow`.
    pub allow: Allow,
    /// `profile=projector`.
    pub projector: bool,
    /// `theme`: auto, light, dark.
    pub theme: String,
    /// No tween: by `motion` or the system's wish.
    pub reduced: bool,
    /// For links.
    pub page_url: String,
    /// Where embed.js lies, for the embed code.
    pub base: String,
    /// Open the key of marks at once.
    pub first_visit: bool,
    /// For the lessons menu.
    pub lessons: Vec<Listed>,
}

/// What a reader may do beside watching.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Allow {
    /// Select things and read their fields.
    pub inspect: bool,
    /// Break things.
    pub faults: bool,
    /// Change settings and the cast.
    pub config: bool,
    /// Act in the past.
    pub branch: bool,
    /// Copy links and embed code.
    pub share: bool,
}

impl Default for Allow {
    fn default() -> Self {
        Self { inspect: true, faults: true, config: true, branch: true, share: true }
    }
}

impl Allow {
    /// A list of words; unknown ones were warned about before.
    pub fn parse(text: &str) -> Self {
        let has = |word: &str| text.split_whitespace().any(|w| w == word);
        Self {
            inspect: has("inspect"),
            faults: has("faults"),
            config: has("config"),
            branch: has("branch"),
            share: has("share"),
        }
    }
}

/// `a=b;c=d` as pairs, with a message for each piece that is not one.
pub fn settings(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let mut pairs = Vec::new();
    let mut warnings = Vec::new();
    for piece in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        match piece.split_once('=') {
            Some((name, value)) => pairs.push((name.trim().to_owned(), value.trim().to_owned())),
            None => warnings.push(format!(
                "set: \"{piece}\" is not a setting; write name=value, for example acks=all"
            )),
        }
    }
    (pairs, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_is_split_at_semicolons() {
        let (pairs, warnings) = settings("acks=all; min.insync.replicas=2;x");
        let expected = [("acks", "all"), ("min.insync.replicas", "2")];
        let found: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn views_have_one_name_each() {
        for view in ViewName::ALL {
            assert_eq!(ViewName::of(view.id()), Some(view));
        }
        assert_eq!(ViewName::of("map"), None);
    }
}
