// Files that the build puts into the program as text.

declare module '*.css' {
  const text: string;
  export default text;
}
declare module '*.view.js' {
  const text: string;
  export default text;
}
declare module 'uplot/dist/uPlot.iife.min.js' {
  const text: string;
  export default text;
}
