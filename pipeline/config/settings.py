"""Settings of an experiment: typed, with the seed paper's values as defaults, checked against each other."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from db.files.manifest import canonical_json, sha256_of

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Cells = Annotated[int, Field(ge=1, le=16)]
Rate = Annotated[float, Field(gt=0, lt=1)]
Precision = Literal["fp32", "fp16", "bf16", "auto"]


class Section(BaseModel):
    """A group of settings: nothing unknown in it, nothing changed after it was checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PictureSettings(Section):
    """What a photograph becomes before the network sees it. Source: seed paper, "Image preprocessing".

    Attributes:
        image_size_px: side of the square the network sees.
        working_px: long side that a photograph comes nearest to before CLAHE, so many whole times smaller;
            smaller ones stay as they are. null works at the camera's size.
        crop_share: cut off on each side.
        rectify: find the page and its grid and undo perspective, rotation and lighting before the crop.
        clahe_clip, clahe_tiles: contrast limit, and tiles a side, of the adaptive histogram equalisation.
        sharpen: the 3x3 kernel.
        normalisation: `imagenet` mean and deviation of each colour, or `half`: 0.5 for all. It has to be
            what the backbone's first weights were trained with.
    """

    image_size_px: int = Field(default=384, ge=32, le=2048)
    working_px: int | None = Field(default=None, ge=256)
    crop_share: float = Field(default=0.05, ge=0, lt=0.5)
    rectify: bool = False
    clahe_clip: Positive = 2.5
    clahe_tiles: int = Field(default=8, ge=1, le=64)
    sharpen: bool = True
    normalisation: Literal["imagenet", "half"] = "imagenet"


class AugmentationSettings(Section):
    """How a training picture is changed at random; never by a flip. Source: seed paper, "Augmentation".

    Attributes:
        rotation_deg: largest turn, either way.
        shift: largest move along each axis, as a share of the side.
        scale: largest change of size, as a share.
        brightness: largest change of all tones, as a share of white.
        contrast: largest change of the tones' distance from their mean, as a share.
        blur_share, blur_px: how often, and the largest standard deviation, pixels.
        noise_share, noise: how often, and the largest standard deviation, grey levels.
        patches, patch: most patches that are painted over, and the largest side of one as a share.
        cached_variants: random variants of each picture, drawn once, whose trunk activations are kept; used
            only with `training.caches_trunk`.
        backmix_share: of the training pictures, how many get the paper of another patient of the same fold
            behind their trace; 0 switches it off. Source: Bransby et al., BackMix, arXiv 2406.19148.
    """

    enabled: bool = True
    rotation_deg: float = Field(default=4.0, ge=0.0, le=15.0)
    shift: float = Field(default=0.03, ge=0.0, le=0.2)
    scale: float = Field(default=0.06, ge=0.0, le=0.3)
    brightness: float = Field(default=0.12, ge=0.0, le=0.5)
    contrast: float = Field(default=0.2, ge=0.0, le=0.8)
    blur_share: float = Field(default=0.3, ge=0.0, le=1.0)
    blur_px: float = Field(default=1.0, ge=0.0, le=5.0)
    noise_share: float = Field(default=0.5, ge=0.0, le=1.0)
    noise: float = Field(default=6.0, ge=0.0, le=50.0)
    patches: int = Field(default=4, ge=0, le=32)
    patch: float = Field(default=0.12, ge=0.0, le=0.5)
    cached_variants: int = Field(default=1, ge=1, le=256)
    backmix_share: float = Field(default=0, ge=0, le=1)


class TargetSettings(Section):
    """What counts as a target; `modeling.targets` says it in full.

    Attributes:
        ungraded_rwma: an abnormality that is present without a grade is left out, or counts as significant.
        bounded_ef: an EF printed as `>55` or `<30` is taken as the number printed, or left out.
    """

    ungraded_rwma: Literal["mask", "positive"] = "mask"
    bounded_ef: Literal["use", "mask"] = "use"


class BackboneSettings(Section):
    """The image encoder. Source: seed paper, table 3.

    Attributes:
        name: of timm, with or without a weights tag.
        weights: from the model hub, an installed package (EfficientNet lite0, 1, 2), a local file, or none.
        weights_file: `.safetensors` or `.pth`; with `weights: file` alone.
        drop_rate: dropout on the pooled features. drop_path: stochastic depth of the last block.
        frozen_through_block: the stem and blocks 0 to this one stay as they are; null trains all.
        last_block: what comes after this one is left out, the last convolution with it; null keeps all.
        pool: the map's average, as in the paper; or `grid`: an average for each cell of `pool_cells` (rows,
            columns), so that it is still known where on the page, and so in which lead, something was seen.
        freeze_batch_norm: keep the statistics of the first weights; those of small batches are noise.
    """

    name: str = Field(default="tf_efficientnet_b3.ns_jft_in1k", min_length=1)
    weights: Literal["hub", "package", "file", "random"] = "hub"
    weights_file: str | None = None
    drop_rate: Share = 0.2
    drop_path: Share = 0.1
    frozen_through_block: int | None = Field(default=None, ge=0)
    last_block: int | None = Field(default=None, ge=0)
    pool: Literal["average", "grid"] = "average"
    pool_cells: tuple[Cells, Cells] = (4, 4)
    freeze_batch_norm: bool = True

    @model_validator(mode="after")
    def _file_goes_with_its_source(self) -> Self:
        if (self.weights == "file") != (self.weights_file is not None):
            raise ValueError("weights_file is given exactly when weights is 'file'")
        return self

    @model_validator(mode="after")
    def _nothing_frozen_is_left_out(self) -> Self:
        if self.last_block is not None and (self.frozen_through_block or 0) > self.last_block:
            raise ValueError("backbone.frozen_through_block is past backbone.last_block")
        return self


class NeckSettings(Section):
    """Between the backbone's features and the heads. Source: seed paper, table 3.

    Attributes:
        widths, dropouts: of each layer, in order; none puts the heads on the features themselves.
        starts_at_mean_ef: the EF head begins at the training mean instead of near 0.
        starts_at_probe: features are standardised, and both heads begin at a weighted ridge regression on the
            training records, so that the epochs only refine it; with no `widths` alone.
    """

    widths: tuple[Annotated[int, Field(ge=1)], ...] = (512, 256, 128)
    dropouts: tuple[Share, ...] = (0.45, 0.315, 0.225)
    starts_at_mean_ef: bool = False
    starts_at_probe: bool = False

    @model_validator(mode="after")
    def _one_dropout_a_layer(self) -> Self:
        if len(self.widths) != len(self.dropouts):
            raise ValueError("neck.widths and neck.dropouts have one value for each layer")
        if self.starts_at_probe and self.widths:
            raise ValueError("neck.starts_at_probe needs heads on the features: neck.widths and dropouts []")
        return self


class LossSettings(Section):
    """What training makes small. Source: seed paper, "Loss functions".

    Attributes:
        ef_weight, rwma_weight: of the two parts in their sum.
        smooth_l1_beta: where the EF loss turns from quadratic to linear, as a fraction of 1 (0.1 is 10 EF
            points). The paper gives no value; at 1, the usual default, no error could reach the linear part.
        ef_weighting: rare EF values count more, or all count the same.
        ef_weight_cap: no record counts more than this many times the average one; 1 weighs all alike.
        density_bin_points, density_sigma_points: bin width, and deviation of the Gaussian over it, EF points.
        rwma_class_weights: inverse to how often each class occurs, none, or two numbers: negative, positive.
    """

    ef_weight: float = Field(default=1, ge=0)
    rwma_weight: float = Field(default=1, ge=0)
    smooth_l1_beta: float = Field(default=0.1, gt=0, le=1)
    ef_weighting: Literal["inverse_density", "none"] = "inverse_density"
    ef_weight_cap: float = Field(default=3, ge=1)
    density_bin_points: float = Field(default=1, gt=0, le=20)
    density_sigma_points: float = Field(default=2, ge=0, le=50)
    rwma_class_weights: Literal["balanced", "none"] | tuple[Positive, Positive] = "balanced"

    @model_validator(mode="after")
    def _something_is_learnt(self) -> Self:
        if self.ef_weight == 0 and self.rwma_weight == 0:
            raise ValueError("losses.ef_weight and losses.rwma_weight are both 0; nothing would be learnt")
        return self

    @property
    def untaught(self) -> tuple[Literal["ef", "rwma"], ...]:
        """Heads of the network that no loss reaches: what they say stays as chance made it."""
        return (*(("ef",) if self.ef_weight == 0 else ()), *(("rwma",) if self.rwma_weight == 0 else ()))


class OptimiserSettings(Section):
    """AdamW with one learning-rate cycle. Source: seed paper, "Optimisation".

    Attributes:
        backbone_rate, head_rate: peak learning rates; the neck goes with the heads.
        warmup_share: of all steps, those in which the rate rises.
        clip_norm: largest length of a gradient.
    """

    backbone_rate: Rate = 1e-4
    head_rate: Rate = 1e-3
    weight_decay: float = Field(default=0.01, ge=0)
    warmup_share: float = Field(default=0.3, gt=0, lt=1)
    clip_norm: Positive = 1.0


class StageSettings(Section):
    """How long a stage trains, on how many pictures at once."""

    epochs: int = Field(default=30, ge=1)
    batch_size: int = Field(default=16, ge=1)


class TrainingSettings(StageSettings):
    """The third stage: five models, each judged on patients it never saw.

    Attributes:
        folds_by: `strata`: patients are dealt evenly over `folds`. `site`: each site is a fold, judged by the
            model that learnt from the others; `folds` then says nothing.
        labels: `shuffled`: each model learns from labels exchanged by chance among the records outside its
            fold, and is judged by true ones. It should tell nothing; what it tells has leaked.
        seeds: a whole set of fold models is trained with each.
        validation_share: of the patients of a training fold, held back to decide when to stop.
        patience: epochs without a gain before it stops; null trains all epochs.
        caches_trunk: compute the frozen trunk's activations once and train the rest on them.
    """

    folds: int = Field(default=5, ge=2)
    folds_by: Literal["strata", "site"] = "strata"
    labels: Literal["true", "shuffled"] = "true"
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(default=(20260401,), min_length=1)
    precision: Precision = "auto"
    validation_share: Rate = 0.15
    patience: int | None = Field(default=6, ge=1)
    caches_trunk: bool = False

    @model_validator(mode="after")
    def _stops_within_its_epochs(self) -> Self:
        if self.patience is not None and self.patience > self.epochs:
            raise PydanticCustomError(
                "patience",
                "training.patience is longer than training.epochs ({patience} and {epochs})",
                {
                    "patience": self.patience,
                    "epochs": self.epochs,
                    "remedy": "Set training.patience=null, which trains all epochs, "
                    f"or to {self.epochs} or less.",
                },
            )
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("training.seeds has a seed twice")
        return self


class ExperimentSettings(Section):
    """Everything that decides what a run comes to, besides data and code."""

    profile: str = "paper"
    picture: PictureSettings = PictureSettings()
    augmentation: AugmentationSettings = AugmentationSettings()
    targets: TargetSettings = TargetSettings()
    backbone: BackboneSettings = BackboneSettings()
    neck: NeckSettings = NeckSettings()
    losses: LossSettings = LossSettings()
    optimiser: OptimiserSettings = OptimiserSettings()
    pretraining: StageSettings = StageSettings(epochs=10, batch_size=32)
    training: TrainingSettings = TrainingSettings()

    @model_validator(mode="after")
    def _sections_agree(self) -> Self:
        if self.training.caches_trunk and self.backbone.frozen_through_block is None:
            raise ValueError(
                "training.caches_trunk needs backbone.frozen_through_block; a trunk that learns changes"
            )
        if self.training.caches_trunk and self.augmentation.enabled and self.augmentation.cached_variants < 2:
            raise ValueError(
                "with training.caches_trunk, augmentation needs augmentation.cached_variants of 2 or more"
            )
        if not self.training.caches_trunk and self.augmentation.cached_variants > 1:
            raise ValueError("augmentation.cached_variants is used with training.caches_trunk alone")
        if not self.augmentation.enabled and self.augmentation.cached_variants > 1:
            raise ValueError(
                "augmentation.cached_variants are all the same while augmentation.enabled is false"
            )
        if not self.augmentation.enabled and self.augmentation.backmix_share > 0:
            raise ValueError("augmentation.backmix_share changes nothing while augmentation.enabled is false")
        return self

    def sha256(self) -> str:
        """Hash of the resolved settings, hex: the same for the same values, however they were written."""
        return sha256_of(canonical_json(self.model_dump(mode="json")))
