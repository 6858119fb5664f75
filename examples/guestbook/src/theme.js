/** How this guestbook looks. The build writes the accent colour into the stylesheet and the icon. */
export const theme = {
  title: 'Guestbook',
  accent: '#a8452c',
};
