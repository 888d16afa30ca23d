/** The images of one plate, corrected by what they have in common: first all are measured, then each is corrected. */
import { BrightnessSample, imageQuantiles } from './brightness.ts';
import { IlluminationSum, evenOut } from './illumination.ts';
import type { Illumination } from './illumination.ts';
import { CLIPPED, readChannels, writeSite } from './site.ts';

export const SITE_SCALINGS = ['site', 'controls'] as const;
/** By what intensities become 0 to 255: by the site's own darkest and brightest, or by those of the plate's controls, for all its sites alike. */
export type SiteScaling = (typeof SITE_SCALINGS)[number];

/** Of the controls' pixels, the shares below what becomes 0 and 255. */
const CONTROL_SHARES = [0.01, 0.999] as const;

interface ChannelLight {
  readonly sum: IlluminationSum;
  readonly controls: BrightnessSample;
  readonly all: BrightnessSample;
}

interface ChannelCorrection {
  readonly illumination: Illumination;
  /** undefined where each site has its own. */
  readonly range: readonly [low: number, high: number] | undefined;
}

/** One accumulator a channel, of the same size for any number of sites. */
export class PlateLight {
  private readonly light: readonly ChannelLight[];
  private readonly scaling: SiteScaling;

  constructor(channels: number, scaling: SiteScaling) {
    this.light = Array.from({ length: channels }, () => ({ sum: new IlluminationSum(), controls: new BrightnessSample(), all: new BrightnessSample() }));
    this.scaling = scaling;
  }

  /** Adds a site, whole or not at all. Errors as of `readSite`. */
  async add(files: readonly Uint8Array[], isControl: boolean): Promise<void> {
    const channels = await readChannels(files, this.light.length);
    channels.forEach((channel, i) => {
      const { sum, controls, all } = this.light[i]!;
      sum.add(channel);
      if (this.scaling === 'site') return;
      all.add(channel);
      if (isControl) controls.add(channel);
    });
  }

  /** Of the sites that were added. */
  correction(): PlateCorrection {
    const byControls = this.light.every(({ controls }) => !controls.isEmpty);
    return new PlateCorrection(byControls, this.light.map(({ sum, controls, all }): ChannelCorrection => {
      const illumination = sum.illumination();
      if (this.scaling === 'site') return { illumination, range: undefined };
      const [low, high] = (byControls ? controls : all).quantiles(CONTROL_SHARES, illumination);
      return { illumination, range: [low!, high!] };
    }));
  }
}

export class PlateCorrection {
  /** Whether a control was among the sites; without one, all sites stand in for controls. */
  readonly hasControls: boolean;
  private readonly channels: readonly ChannelCorrection[];

  constructor(hasControls: boolean, channels: readonly ChannelCorrection[]) {
    this.hasControls = hasControls;
    this.channels = channels;
  }

  /**
   * The site as a TIFF of 8 bits, a page a channel: under even light, without its brightest pixels (the top 0.0028 %, Sanchez-Fernandez et al. 2023,
   * doi:10.1038/s41467-023-42328-w), from 0 to 255. Errors as of `readSite`, and IMAGE_TOO_LARGE where `readSite` would not read it again.
   */
  async correct(files: readonly Uint8Array[]): Promise<Uint8Array> {
    const channels = await readChannels(files, this.channels.length);
    const { height, width } = channels[0]!;
    const area = height * width;
    const out = new Uint8Array(channels.length * area);
    channels.forEach((channel, c) => {
      const { illumination, range } = this.channels[c]!;
      const even = evenOut(channel, illumination);
      const [darkest, brightest] = imageQuantiles(even, [CLIPPED, 1 - CLIPPED]);
      const [low, high] = range ?? [darkest!, brightest!];
      const scale = 255 / Math.max(1e-6, high - low);
      for (let i = 0; i < area; i++) out[c * area + i] = Math.min(255, Math.max(0, (Math.min(brightest!, even[i]!) - low) * scale)) + 0.5;
    });
    return writeSite(out, channels.length, height, width);
  }
}
