using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Fleethold.Server.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Fleethold.Server.Observation;

/// <summary>The log: one line an event, to standard error (reference/deployment.md 9).</summary>
internal static class Logs
{
    public static void AddLogs(this WebApplicationBuilder builder, LogSettings settings)
    {
        builder.Logging.SetMinimumLevel(settings.Level);

        // The web server tells of each request at Information, and gRPC each failed call at Error; neither is news to an operator.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // Says that ports without TLS have no HTTP/2, which they have (PriorKnowledge).
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Http2", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Critical);

        // Why a start failed is told once, in a line, by the command.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Logging.AddConsole(console =>
        {
            console.FormatterName = settings.Format == LogFormat.Json ? JsonLines.FormatterName : TextLines.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        builder.Logging.AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
        builder.Logging.AddConsoleFormatter<TextLines, ConsoleFormatterOptions>();
        builder.Services.AddSingleton<IPostConfigureOptions<ConsoleLoggerOptions>, NoLoss>();
    }

    /// <summary>The level in the words of upstream's log.</summary>
    internal static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    /// <summary>The part of the server that speaks: the last word of the category in our own code.</summary>
    internal static string ComponentOf(string category)
    {
        var dot = category.LastIndexOf('.');
        return category.StartsWith("Fleethold.", StringComparison.Ordinal) && dot >= 0 ? category[(dot + 1)..] : category;
    }

    private sealed class NoLoss : IPostConfigureOptions<ConsoleLoggerOptions>
    {
        public void PostConfigure(string? name, ConsoleLoggerOptions options) => options.QueueFullMode = ConsoleLoggerQueueFullMode.Wait;
    }
}

/// <summary>Lines of JSON: level, ts, msg, component, then the fields of the event.</summary>
internal sealed class JsonLines(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "fleethold-json";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteString("level", Logs.NameOf(logEntry.LogLevel));
            json.WriteString("ts", clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("msg", logEntry.Formatter(logEntry.State, null));
            json.WriteString("component", Logs.ComponentOf(logEntry.Category));
            if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> fields)
            {
                foreach (var (key, value) in fields)
                {
                    if (key.Length > 0 && key[0] != '{')
                    {
                        json.WriteString(JsonNamingPolicy.CamelCase.ConvertName(key), Convert.ToString(value, CultureInfo.InvariantCulture));
                    }
                }
            }

            if (logEntry.Exception is { } exception)
            {
                json.WriteString("error", exception.ToString());
            }

            json.WriteEndObject();
        }

        textWriter.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        textWriter.Write('\n');
    }
}

/// <summary>Lines for a person.</summary>
internal sealed class TextLines(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "fleethold-text";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var time = clock.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var message = logEntry.Formatter(logEntry.State, null);
        textWriter.Write($"{time} {Logs.NameOf(logEntry.LogLevel),-5} {Logs.ComponentOf(logEntry.Category)}: {message}\n");
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write($"{exception}\n");
        }
    }
}
