global using Granary.Cli;
