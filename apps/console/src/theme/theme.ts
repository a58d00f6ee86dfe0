import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** The one accent. Its CSS variables stand in accent.css, so that no style has to be injected at run time. */
const accent: MantineColorsTuple = [
  "#e6f5f2",
  "#cfe9e4",
  "#a3d5cc",
  "#73bfb3",
  "#4cab9d",
  "#2b9383",
  "#177a6c",
  "#0f6e62",
  "#0a5a50",
  "#06463e",
];

export const theme = createTheme({
  primaryColor: "accent",
  colors: { accent },
  defaultRadius: "sm",
  focusRing: "auto",
  respectReducedMotion: true,
});
