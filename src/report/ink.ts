/** Colors of lines: blue and vermilion (Okabe and Ito 2008) are apart also without color vision. */
export const ink = { blue: "#0072b2", vermilion: "#d55e00", gray: "#8f959e" } as const;
