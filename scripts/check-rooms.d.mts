/** The rooms of packages/akushu/src, from the ground up. */
export const ROOMS: readonly string[];
export function roomOf(path: string): string;
/** Complaints about one file's text; `path` is relative to src. */
export function complaintsAbout(path: string, text: string): string[];
