using System.Diagnostics.CodeAnalysis;

namespace Fleethold.Resources;

/// <summary>The result of an operation that may fail in an expected way: a value or a <see cref="Resources.Fault"/>.</summary>
/// <typeparam name="T">What success gives.</typeparam>
public readonly struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Fault? fault) => (_value, Fault) = (value, fault);

    /// <summary>Why it failed; null on success.</summary>
    public Fault? Fault { get; }

    /// <summary>The value.</summary>
    /// <exception cref="FaultException">It failed; the exception carries the fault.</exception>
    public T Value => Fault is null ? _value! : throw new FaultException(Fault);

    /// <summary>True with the value on success, false with the fault on failure.</summary>
    public bool Succeeded([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Fault? fault)
    {
        (value, fault) = (_value, Fault);
        return fault is null;
    }

    /// <summary>Success.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>Failure.</summary>
    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);

    /// <summary>Success; for interfaces, which C# doesn't convert implicitly.</summary>
    public static Outcome<T> Of(T value) => new(value, null);
}

/// <summary>A fault thrown by code that took success for granted.</summary>
/// <param name="fault">The fault.</param>
public sealed class FaultException(Fault fault) : Exception(fault.Message)
{
    /// <summary>The fault.</summary>
    public Fault Fault { get; } = fault;
}
