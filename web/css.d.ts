/** Style sheets of views, which the bundler loads with them. */
declare module '*.css';
