declare const needs: { browser: string | undefined };
export = needs;
