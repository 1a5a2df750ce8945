//! What names an image that exists.

use std::collections::BTreeMap;

use hastack_api::service::image::{Architecture, BaseImage, ImageFilter, ImageSpec};

use crate::cloud::{Answer, Image, ImageQuery, Question};
use crate::desire::SpecError;

/// What was looked up.
type Answers = BTreeMap<Question, Answer>;

/// What names an image that exists, and where in the spec it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    place: &'static str,
    name: Name<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name<'a> {
    Id(&'a str),
    Parameter(&'a str),
    Newest {
        owner: &'a str,
        name: &'a str,
        architecture: &'static str,
    },
}

impl<'a> Reference<'a> {
    /// What names the image of a service, where that exists. `architecture` is that of its instances.
    pub(super) fn of_service(image: &'a ImageSpec, architecture: &'static str) -> Option<Self> {
        Self::new(
            "image",
            image.id.as_deref(),
            image.ssm_parameter.as_deref(),
            image.filter.as_ref(),
            architecture,
        )
    }

    /// What names the image that another is built from.
    pub(super) fn of_base(base: &'a BaseImage, architecture: &'static str) -> Result<Self, SpecError> {
        let place = "image.build.from";
        let reference = Self::new(
            place,
            base.id.as_deref(),
            base.ssm_parameter.as_deref(),
            base.filter.as_ref(),
            architecture,
        );
        reference.ok_or_else(|| SpecError::FindImage {
            field: place.to_owned(),
            what: "id, ssmParameter or filter in it".to_owned(),
        })
    }

    fn new(
        place: &'static str,
        id: Option<&'a str>,
        parameter: Option<&'a str>,
        filter: Option<&'a ImageFilter>,
        architecture: &'static str,
    ) -> Option<Self> {
        let id = id.map(Name::Id);
        let parameter = parameter.map(Name::Parameter);
        let filter = filter.map(|filter| Name::Newest {
            owner: &filter.owner,
            name: &filter.name,
            architecture: filter.architecture.map_or(architecture, word),
        });
        let name = id.or(parameter).or(filter)?;
        Some(Self { place, name })
    }

    /// What it says, as the status keeps it.
    pub(super) fn text(&self) -> String {
        match &self.name {
            Name::Id(id) => format!("id:{id}"),
            Name::Parameter(name) => format!("ssm:{name}"),
            Name::Newest {
                owner,
                name,
                architecture,
            } => format!("filter:{owner}/{name}/{architecture}"),
        }
    }

    /// Whether what it names can never be another one.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.name, Name::Id(_))
    }

    /// What must be looked up to know the image.
    pub(super) fn questions(&self, answers: &Answers) -> Vec<Question> {
        match &self.name {
            Name::Id(id) => vec![by_id(id)],
            Name::Newest { .. } => vec![Question::Image(self.newest())],
            Name::Parameter(name) => {
                let parameter = Question::Parameter((*name).to_owned());
                let image = value(answers, &parameter).map(by_id);
                [parameter].into_iter().chain(image).collect()
            }
        }
    }

    /// The image, as far as it was looked up.
    pub(super) fn resolve(&self, answers: &Answers) -> Result<Image, SpecError> {
        let missing = |field: &str, what: String| SpecError::FindImage {
            field: format!("{}.{field}", self.place),
            what,
        };
        match &self.name {
            Name::Id(id) => find(answers, id).ok_or_else(|| missing("id", format!("image {id}"))),
            Name::Parameter(name) => {
                let value = value(answers, &Question::Parameter((*name).to_owned()));
                let value = value.ok_or_else(|| {
                    missing(
                        "ssmParameter",
                        format!("parameter {name} with the id of an image in it"),
                    )
                })?;
                find(answers, value)
                    .ok_or_else(|| missing("ssmParameter", format!("image {value}, which the parameter names")))
            }
            Name::Newest {
                owner,
                name,
                architecture,
            } => image(answers, &Question::Image(self.newest())).ok_or_else(|| {
                let what = format!("image of {owner} for {architecture} whose name matches {name:?}");
                missing("filter", what)
            }),
        }
    }

    fn newest(&self) -> ImageQuery {
        match &self.name {
            Name::Newest {
                owner,
                name,
                architecture,
            } => ImageQuery::Newest {
                owner: (*owner).to_owned(),
                name: (*name).to_owned(),
                architecture: (*architecture).to_owned(),
            },
            Name::Id(id) | Name::Parameter(id) => ImageQuery::Id((*id).to_owned()),
        }
    }
}

/// The question what the image of this id is.
pub(super) fn by_id(id: &str) -> Question {
    Question::Image(ImageQuery::Id(id.to_owned()))
}

/// The image of this id, where it was looked up and exists.
pub(super) fn find(answers: &Answers, id: &str) -> Option<Image> {
    image(answers, &by_id(id))
}

fn image(answers: &Answers, question: &Question) -> Option<Image> {
    match answers.get(question) {
        Some(Answer::Image(image)) => image.clone(),
        _ => None,
    }
}

/// What a parameter says, where that is the id of an image: some hold more than that.
fn value<'a>(answers: &'a Answers, question: &Question) -> Option<&'a str> {
    match answers.get(question) {
        Some(Answer::Parameter(value)) => value.as_deref().filter(|value| value.starts_with("ami-")),
        _ => None,
    }
}

fn word(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86 => "x86_64",
        Architecture::Arm => "arm64",
    }
}
