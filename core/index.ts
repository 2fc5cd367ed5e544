/**
 * The only door of the core: backend and site import nothing else of it.
 */

// contracts

export { allCapabilities, capabilityMask, capabilityNumber, defaultCapabilities } from './capabilities.ts';
export * from './driver.ts';
export * from './errors.ts';
export * from './host.ts';
export * from './hostfiles.ts';
export { answerQuestion } from './nameserver.ts';
export * from './observation.ts';
export * from './op.ts';
export * from './reality.ts';
export { newHasher, type Sha256, useSha256 } from './sha256.ts';
export * from './target.ts';

// vfs

export * from './vfs/content.ts';
export { changes, merge, type TimedEntry } from './vfs/diff.ts';
export { difference } from './vfs/difference.ts';
export * from './vfs/fs.ts';
export type { OverlayState } from './vfs/nodes.ts';
export { isWhiteout } from './vfs/stack.ts';
export { TreeFs, type TreeOptions, type TreeState } from './vfs/tree.ts';
export { type Layer, OverlayFs, type OverlayOptions } from './vfs/union.ts';
export { timedTree, tree, treeEntry } from './vfs/walk.ts';

// image

export * from './image/archive.ts';
export { ArchiveError } from './image/archive-error.ts';
export * from './image/base.ts';
export { decompressed, detectCompression } from './image/compression.ts';
export { commitConfig, EMPTY_LAYER, type ImageConfig, imageId, imageJson, type RunConfig } from './image/config.ts';
export { chainId, chainIds, digestHex, digestOf, isDigest, shortId } from './image/digest.ts';
export { goJson, goTime } from './image/json.ts';
export { contentsSize, layerSize, loadLayer, type Owners, ownersOf, packLayer, unpackLayer } from './image/layer.ts';
export { type Hasher, type ReadLayer, readLayer } from './image/layer-read.ts';
export { limited } from './image/limited.ts';
export { archiveLimits } from './image/limits.ts';
export { type OciImage, ociEntries, ociImage, ociLayout } from './image/oci.ts';
export { familiarTag, InvalidName, type Named, parseNamed, parseReference } from './image/reference.ts';
export { leadsOut } from './image/rooted.ts';
export { type TarEntry, TarError } from './image/tar.ts';
export { goHeader } from './image/tar-go.ts';
export { JoinError, joinedTar, splitText } from './image/tar-join.ts';
export { readTar } from './image/tar-read.ts';
export { splitFile, splitTar } from './image/tar-split.ts';
export { type PackedTar, packTar, tarBytes, tarSize, writeTar } from './image/tar-write.ts';
export { untar } from './image/untar.ts';
export { createSimDriver, type SimDriver, type SimDriverOptions } from './kernel/driver.ts';
export { ScratchFs } from './vfs/scratch.ts';

// diagram

export { drawDrivers, driversMermaid } from './diagram/drivers.ts';
export { cut, cutMiddle, printable, textWidth } from './diagram/layout.ts';
export { drawMermaid } from './diagram/mermaid.ts';
export { type NetBox, type NetPicture, networkOf } from './diagram/network.ts';
export { describeColumn, fileName, madeBy, sizeText } from './diagram/parts.ts';
export * from './diagram/scene.ts';
export { ownerText, ownerWords, type SceneStore, type StoreOwner, type StoreRow } from './diagram/store.ts';
export { fold, type Layout, type PlacedNode } from './diagram/svg/boxes.ts';
export { depth as slabDepth } from './diagram/svg/container.ts';
export type { Element as SvgElement } from './diagram/svg/element.ts';
export { layoutHost } from './diagram/svg/host.ts';
export { layoutImages } from './diagram/svg/images.ts';
export { keys as pictureKeys } from './diagram/svg/keys.ts';
export { type LegendEntry, legendOf, sample as legendSample } from './diagram/svg/legend.ts';
export { layoutNetwork, lightNetwork, networkStyle } from './diagram/svg/network.ts';
export { type Lit, lightOf, type Point, samePoint } from './diagram/svg/point.ts';
export { boxClasses, boxShapes, definitions, linkShape } from './diagram/svg/shapes.ts';
export { chooseFull, layoutStack } from './diagram/svg/stack.ts';
export { sheet as pictureSheet } from './diagram/svg/style.ts';
export { columnTone } from './diagram/svg/view.ts';
export { originPhrase } from './diagram/svg/words.ts';
export * from './diagram/svg.ts';
export * from './diagram/text.ts';
export * from './diagram/union.ts';
export { type ColumnGroup, cellOf, chooseContainer, groupColumns } from './diagram/union-choice.ts';

// lesson

export { type Prefix, playLesson } from './lesson/check.ts';
export {
  allMet,
  type Goal,
  goalForms,
  goalSchema,
  goalText,
  type Judgement,
  judge,
  missingOf,
  readGoals,
} from './lesson/goal.ts';
export * from './lesson/lesson.ts';
export {
  type Answered,
  blockAt,
  type LessonContext,
  type LessonEvent,
  lessonMachine,
  nextCommand,
  openQuestion,
} from './lesson/machine.ts';
export { parseLesson } from './lesson/parse.ts';
export * from './lesson/place.ts';
export * from './lesson/play.ts';

// transcript

// session
export { usualWindow, type Window } from './cli/attached.ts';
export * from './cli/complete.ts';
export { completionTable } from './cli/completion-table.ts';
export type { CommandResult } from './cli/spec.ts';
// engine
export * from './drive.ts';
export { parseSeccomp, type SeccompArg, type SeccompProfile, type SeccompRule } from './engine/flows/seccomp.ts';
export * from './engine/index.ts';
// machines
export { type Action, type Advance, advance, begin, can, type MachineState, stateName } from './machines/advance.ts';
export { chart } from './machines/chart.ts';
export {
  type ContainerContext,
  type ContainerEvent,
  type ContainerEventType,
  type ContainerState,
  containerMachine,
} from './machines/container.ts';
export { type ImageEvent, imageMachine } from './machines/image.ts';
export {
  type LifecyclePath,
  lifecycleEvents,
  lifecyclePaths,
  type RefusedPath,
  refusedPaths,
} from './machines/paths.ts';
export { refusal } from './machines/refusals.ts';
export { loadPart, partNames, partsNamed } from './parts.ts';
export {
  type AndOr,
  applets,
  busybox,
  type Command,
  parseScript,
  programs,
  type Script,
  ScriptError,
  type Word,
} from './programs/index.ts';
// programs
export { describeLacking } from './programs/lacking.ts';
export * from './session.ts';
export { share } from './share.ts';
export { quote, toShell } from './shell.ts';
export { networkCalls } from './shell-network.ts';
export * from './simtarget.ts';
export * from './transcript/compare.ts';
export * from './transcript/match.ts';
export * from './transcript/normalise.ts';
export * from './transcript/parse.ts';
export { drawnOnce, withoutRedraws } from './transcript/redraws.ts';
export * from './transcript/replay.ts';
export { asSeen } from './transcript/seen.ts';
export { readTyped, type Typed, writeTyped } from './transcript/typed.ts';
export * from './transcript/write.ts';
