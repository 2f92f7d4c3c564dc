using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Fleethold.Runtime.Tests")]
