/** Colours of lines: blue and vermilion (Okabe and Ito 2008) are apart also without colour vision. */
export const ink = { blue: "#0072b2", vermilion: "#d55e00", grey: "#8f959e" } as const;
